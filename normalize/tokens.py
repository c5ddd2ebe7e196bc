"""Text → sentences of tokens. A token is a word, a number, a mark, or a literal that no rule may touch."""

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from normalize.signs import asks_about_signs, is_aside

_TOKEN: Final = re.compile(
    r"""
    (?P<literal>
        ```.*?``` | `[^`\n]+`                                        # code
      | (?:(?:https?|ftp)://|www\.)[^\s<>"]*[^\s<>".,;:!?)'\]]         # addresses on the web
      | (?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+       # e-mail
      | "[^"\n]+" | (?<!\w)'[^'\n]+'(?!\w)                           # quoted text
      | [A-Za-z_][\w.]*\([\w,.]*\) | \b[A-Za-z0-9]*_\w+                     # f(), snake_case
      | (?<!\S)--?[A-Za-z][\w-]* | (?<!\S)[@\#$][A-Za-z_]\w+         # --flag, @name, #tag, $VAR
      | (?<!\S)[~.]{0,2}/[\w./~-]+ | \b[A-Za-z]:\\\S+                # paths
    )
  | (?P<number>
        (?<![\w.)\]])[-+]?(?:(?:US|CA|AU|HK|R)?\$|[€£₩₽¥₹])?\s?[-+]?
        (?:\d+(?:[.,:/-]\d+)*|\.\d+)
        (?:\s?[%‰$€£₩₽¥₹](?!\w)|°?[A-Za-z]{1,4}|[가-힣]+)?(?!\w|-[A-Za-z])
    )
  | (?P<acronym>\b(?:[A-Za-z]\.){2,}(?!\w))
  | (?P<word>
        (?<!\S)\.[A-Za-z]\w*                                         # .net
      | \w+(?:[-'&/.·]\w+)*(?:\+\+|\#(?!\w)|\+(?!\S))?               # c++, c#, a/b, node.js, don't
    )
  | (?P<end>(?:[.!?]|\.\.\.)+(?=[\s"')\]]|$) | [!?]+(?!=) | \n)
  | (?P<opening>[¿¡])
  | (?P<face>
        (?<!\S)[:;=]-?(?:\)+|\(+|[DPp])(?![^\s.?!,]) | \^_*\^        # :-) ^^
      | [\u2600-\u27bf\U0001f300-\U0001faff]                       # an emoji, with its colour and what it is joined to
        (?:[\U0001f3fb-\U0001f3ff\ufe0f] | \u200d[\u2600-\u27bf\U0001f300-\U0001faff])*
    )
  | (?P<mark>[<>=!]=|=>|->|&&|\|\||\^\^|\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_UNIT: Final = re.compile(r"[A-Za-z]+$")
_CASED_UNITS: Final = frozenset({"Mb", "Gb", "Kb", "mW", "MW"})


@dataclass(slots=True)
class Sentence:
    """Tokens between two ends. `asks` says that it ended in `?` or in a form that only questions have.

    `names` are the tokens that were written with a capital and need not be: no rule may take them for a slip.
    """

    tokens: list[str]
    asks: bool = False
    names: set[str] = field(default_factory=set)


def split(text: str, case_words: Set[str] = frozenset()) -> list[Sentence]:
    """The sentences of `text`: lower case but for literals, units such as `5M`, and upper-case `case_words`."""
    keeps_case = text != text.upper()
    sentences = [Sentence([])]
    for found in _TOKEN.finditer(text):
        kind, token = found.lastgroup, found[0]
        if kind == "end":
            sentences[-1].asks |= "?" in token
            sentences.append(Sentence([]))
        elif kind != "opening":
            folded = _fold(kind or "", token, case_words, keeps_case)
            behind = 0 if sentences[-1].tokens else 1  # any sentence may begin with a capital
            if kind == "word" and keeps_case and token[behind:] != folded[behind:]:
                sentences[-1].names.add(folded)
            sentences[-1].tokens.append(folded)
    return _with_their_signs([sentence for sentence in sentences if sentence.tokens])


def _with_their_signs(sentences: list[Sentence]) -> list[Sentence]:
    """What does it mean? 😀 → one sentence: it asks about the sign, which no rule may take for an ornament."""
    asides = [sentence for sentence in sentences if is_aside(sentence.tokens)] if len(sentences) > 1 else []
    if not asides or not any(asks_about_signs(sentence.tokens) for sentence in sentences):
        return sentences
    joined: list[Sentence] = []
    for sentence in sentences:
        if joined and (sentence in asides or joined[-1] in asides):
            last = joined[-1]
            joined[-1] = Sentence(
                [*last.tokens, ":", *sentence.tokens], last.asks or sentence.asks, last.names | sentence.names
            )
        else:
            joined.append(sentence)
    return joined


def _fold(kind: str, token: str, case_words: Set[str], keeps_case: bool) -> str:
    if kind in {"literal", "face"}:
        return token
    if kind == "number":
        return _number(token)
    if kind == "acronym":
        letters = token.replace(".", "")
        return letters.upper() if letters.upper() in case_words else letters.lower()
    # lower(), not casefold(): casefold would merge German ß with ss.
    return token if keeps_case and (token in case_words or token in _CASED_UNITS) else token.lower()


def _number(token: str) -> str:
    """Spaces out, unit in lower case unless its case tells units apart (5M, 5m; 5G, 5g; 10 Mb, 10 MB)."""
    token = "".join(token.split())
    if not token.isascii():
        token = "".join(str(unicodedata.decimal(c, c)) for c in token)
    unit = _UNIT.search(token)
    if unit is None or unit[0] in _CASED_UNITS or unit[0] in {"M", "G", "K", "B"}:
        return token
    return token[: unit.start()] + unit[0].lower()
