"""str → str: the text that is embedded. Unicode forms, spaces, quotes and invisible characters; case and words stay."""

import re
import unicodedata

from normalize.errors import BadCharacterError, EmptyTextError, NotTextError, TextTooLongError
from normalize.markup import without_markup

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
# NFKC turns "1½" into "11⁄2" and "5①" into "51": a space keeps the numbers apart.
_NUMBER_SIGN_AFTER_DIGIT = re.compile(
    r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215f\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793])"
)
# NFKC composes ㅎㅏ into 하 and takes ㅋㅋ apart; people write these letters alone on purpose.
_NOT_LONE_JAMO = re.compile("[^\u3131-\u318e]+")
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»「」『』〝〞", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"),
        **dict.fromkeys("™®©"),
        **dict.fromkeys(map(chr, (*range(9), *range(14, 32), *range(127, 133), *range(134, 160)))),
        "。": ".",
        "、": ",",
        "〜": "~",
        "⁄": "/",
    }
)
_FLAG = "\U0001f3f4[\U000e0020-\U000e007f]+"  # England's flag differs from Scotland's in invisible characters only
_INVISIBLE = re.compile(
    f"({_FLAG})|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
    # Joiners carry meaning in Arabic and Indic scripts and inside emoji only.
    "|(?<![\u0590-\u0fff\u2600-\u27bf\U0001f000-\U0001ffff])[\u200c\u200d]"
)
_CODE = re.compile(
    r"```|[{};]\s*\n|=>|->|[=!]=|^[^\S\n]*(?:def|class|import|from|for|if|while|return|select|function|#include)\b.*[(:;{]",
    re.M | re.I,
)
_ROUNDS = 6


def check(text: object, max_chars: int) -> str:
    """`text` itself, when it can be a question. Errors: NotTextError, TextTooLongError, BadCharacterError."""
    if not isinstance(text, str):
        raise NotTextError(f"a question is a str, not {type(text).__name__}: decode or format it first")
    if len(text) > max_chars:
        raise TextTooLongError(
            f"{len(text)} characters are too many, the limit is {max_chars}: shorten it, or raise max_chars"
        )
    if "\0" in text:
        raise BadCharacterError(f"NUL character at position {text.index(chr(0))}: remove it, it can't be stored")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        bad = f"U+{ord(text[exc.start]):04X}"
        raise BadCharacterError(
            f"lone surrogate {bad} at position {exc.start}: decode the bytes as UTF-8 again"
        ) from exc
    return text


def clean(text: str) -> str:
    """The same words in one Unicode form. Cleaning twice changes nothing. Error: EmptyTextError."""
    for _ in range(_ROUNDS):
        before, text = text, _spaces(_unicode(text if looks_like_code(text) else without_markup(text)))
        if text == before:
            break
    if not any(unicodedata.category(c)[0] in "LNS" for c in text):
        raise EmptyTextError(
            f"{text[:40]!r} says nothing: no letter, digit or symbol is left of it; ask for a question"
        )
    return text


def looks_like_code(text: str) -> bool:
    """Whether line breaks, indentation and case carry meaning in `text`."""
    return "\n" in text and _CODE.search(text) is not None


def _unicode(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _INVISIBLE.sub(lambda found: found[1] or "", text.replace("\r\n", "\n").translate(_CHARACTERS))
    text = _SUPERSCRIPT_RUN.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    text = _NUMBER_SIGN_AFTER_DIGIT.sub(" ", text)
    if not unicodedata.is_normalized("NFKC", text):
        text = _NOT_LONE_JAMO.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return text


def _spaces(text: str) -> str:
    if looks_like_code(text):
        return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n ")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
