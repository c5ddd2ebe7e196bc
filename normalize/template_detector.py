"""Finds the text that recent prompts share at both ends, when nobody has declared a template."""

import re
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from normalize.errors import LimitError
from normalize.template import Match, constant_hash

_BORDER: Final = re.compile(r"\n|[:.!?]\s+")
_MOST_CHARS: Final = 32_000
_FEWEST_LEFT: Final = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The constant ends of prompts: `prefix` ends, and `suffix` begins, at the border of a line or sentence."""

    prefix: str
    suffix: str

    def match(self, prompt: str) -> Match | None:
        """`prompt` taken apart, or None when it has other ends or nothing between them."""
        plain = _plain(prompt)
        fits = plain.startswith(self.prefix) and plain.endswith(self.suffix)
        middle = plain[len(self.prefix) : len(plain) - len(self.suffix)]
        if not fits or len(plain) <= len(self.prefix) + len(self.suffix) or not middle.strip():
            return None
        return Match(middle.strip(), constant_hash(self.prefix, self.suffix))


def find_frame(prompts: Sequence[str], *, min_chars: int = 200) -> Frame | None:
    """The ends that all `prompts` share, when they are at least `min_chars` and more than half of each prompt."""
    plain = [_plain(prompt) for prompt in prompts]
    if not plain:
        return None
    prefix = _cut_prefix(_common_start(plain))
    rests = [prompt[len(prefix) :] for prompt in plain]
    suffix = _cut_suffix(_common_start([rest[::-1] for rest in rests])[::-1])
    constant = len(prefix) + len(suffix)
    left = [len(prompt) - constant for prompt in plain]
    if constant < min_chars or min(left) < _FEWEST_LEFT or constant <= max(left):
        return None
    frame = Frame(prefix, suffix)
    return frame if all(frame.match(prompt) for prompt in plain) else None


class TemplateDetector:
    """Watches the prompts of one scope. Thread-safe; keeps at most `memory` of them, of 32,000 characters each.

    A frame is found when the last `min_prompts` different prompts share it. It then stays, so that keys don't flap,
    until `memory` prompts in a row did not fit; a longer common part is not taken meanwhile. Error: LimitError.
    """

    def __init__(self, min_prompts: int = 8, *, min_chars: int = 200, memory: int = 32) -> None:
        for name, value in (("min_prompts", min_prompts), ("min_chars", min_chars)):
            if value < 2:
                raise LimitError(f"{name} is {value}: give at least 2")
        if memory < min_prompts:
            raise LimitError(f"memory is {memory}, fewer than min_prompts={min_prompts}: give at least as many")
        self._min_prompts, self._min_chars, self._memory = min_prompts, min_chars, memory
        self._recent: deque[str] = deque(maxlen=min_prompts)
        self._frame: Frame | None = None
        self._strangers = 0
        self._lock = threading.Lock()

    def see(self, prompt: str) -> Match | None:
        """Take in `prompt`, and take it apart by the frame of the prompts seen so far, if there is one that fits."""
        if len(prompt) > _MOST_CHARS:
            return None
        with self._lock:
            if self._frame is None:
                self._remember(prompt)
            return self._matched(prompt)

    def _remember(self, prompt: str) -> None:
        plain = _plain(prompt)
        if plain in self._recent:
            return
        self._recent.append(plain)
        if len(self._recent) == self._min_prompts:
            self._frame = find_frame(self._recent, min_chars=self._min_chars)
            self._strangers = 0

    def _matched(self, prompt: str) -> Match | None:
        if self._frame is None:
            return None
        found = self._frame.match(prompt)
        self._strangers = 0 if found is not None else self._strangers + 1
        if self._strangers >= self._memory:
            self._frame = None
            self._recent.clear()
        return found


def _plain(prompt: str) -> str:
    return prompt.replace("\r\n", "\n").strip()


def _common_start(texts: Sequence[str]) -> str:
    # What the first and the last in alphabetical order share, all between them share too.
    first, last = min(texts), max(texts)
    length = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:length]


def _cut_prefix(common: str) -> str:
    """Back to the last border, so that no question loses the words it happens to share with the others."""
    ends = [found.end() for found in _BORDER.finditer(common)]
    return common[: ends[-1]] if ends else ""


def _cut_suffix(common: str) -> str:
    """On to the first line break: a sentence's last words may belong to the question."""
    at = common.find("\n")
    return common[at:] if at >= 0 else ""
