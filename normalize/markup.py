"""What comes with a pasted text and is not part of it: HTML, Markdown, faces made of signs. Pure.

Code keeps every sign, and so does what only looks like markup (a < b, 2 * 3 * 4, __init__, - 5) and what may be asked
about: a tag without its end, an entity on its own, any sign in a text that speaks of tags, patterns or symbols.
"""

import html
import re
import unicodedata
from typing import Final

from normalize.signs import asks_about_signs

_ENTITY: Final = re.compile(r"&(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_INLINE: Final = "a|abbr|b|big|cite|em|font|i|mark|small|span|strong|u"
_BLOCK: Final = "article|blockquote|body|center|div|h[1-6]|html|li|main|ol|p|section|table|tbody|td|th|thead|tr|ul"
_TAG: Final = re.compile(rf"</?(?:{_INLINE}|{_BLOCK}|br|hr)(?:\s[^<>]*)?/?>", re.I)
_BREAKING: Final = re.compile(r"^</?(?:br|p|div|li|h[1-6]|tr|blockquote)\b", re.I)
_PAIR: Final = re.compile(rf"<({_INLINE}|{_BLOCK})(?:\s[^<>]*)?>(?=\s*\w)([^<>]*)</\1>", re.I)
_LINE_END: Final = re.compile(r"(?<=[\w.?!,;:])<br\s?/?>(?=\s*(?:\w|$))", re.I)
_HEADING: Final = re.compile(
    r"^[^\S\n]{0,3}#{1,6}[^\S\n]+(?!(?:define|include|undef|pragma|el?if|if|end|else))(?=[^\W\d_]{2})", re.M
)
_BULLET: Final = re.compile(r"^[^\S\n]{0,8}[-*•][^\S\n]+(?=[^\W\d_]{2}[^=+*/^\n]*$)", re.M)
_CITED: Final = re.compile(r"^[^\S\n]{0,3}>[^\S\n]?(?=[^\W\d_]{2}[^\n]*[.?!]$)", re.M)
_RULE: Final = re.compile(r"^[^\S\n]*([-*_=])(?:[^\S\n]*\1){2,}[^\S\n]*$", re.M)
_TABLE: Final = re.compile(r"^[^\S\n]*\|?[^\S\n]*:?-{2,}:?[^\S\n]*(?:\|[^\S\n]*:?-{2,}:?[^\S\n]*)*\|?[^\S\n]*$", re.M)
_EDGE: Final = re.compile(r"^[^\S\n]*\|[^\S\n]*|[^\S\n]*\|[^\S\n]*$", re.M)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]+)\]\((?:<)?(https?://[^\s()<>]+)(?:>)?\)")
_STRONG: Final = re.compile(r"(?<![\w*/\\.])(\*\*\*|\*\*|\*)(?=[^\W\d_])([^*_\n]+?)(?<=[\w.?!])\1(?![\w*/\\.(])")
_UNDERLINED: Final = re.compile(r"(?<![\w_])(__|_)(?=[^\W\d_])([^*_\n]*? [^*_\n]*?)(?<=[\w.?!])\1(?![\w_])")
_PARENTHESIS: Final = re.compile(r"(?<=[.?!。？！])\s*[(（]([^()（）\n]{2,14})[)）][ノﾉ/~*]*(?=[\s.?!？！]*$)", re.M)
_EYES: Final = re.compile(r"([^\s\d])_+\1")
_WORD_OR_NUMBER: Final = re.compile(r"\d|[^\W_]{2}")
_CODE_SPAN: Final = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)
_WORD: Final = re.compile(r"[^\W\d_]+")
# A text with one of these may ask about the very signs.
_TECHNICAL: Final = re.compile(
    r"\b(?:html|xml|css|jsx|tags?|elements?|markup|markdown|render\w*|bold|italic\w*|escap\w*|entit\w+|syntax|pattern|glob|wildcard"
    r"|regex\w*|grep|ls|rm|find|files?|select|sql|bash|shell|python|javascript|c|pointers?|operators?|characters?|what\s+do(?:es)?|use|write"
    r"|type|insert|print|output|nbsp|etiquetas?|elementos?|тег\w*|разметк\w*|элемент\w*|делает|hace|faz|태그|마크다운)\b",
    re.I,
)


def without_markup(text: str) -> str:
    """`text` as a reader sees it: entities decoded, tags and Markdown signs gone, a link's words and address kept."""
    if text.isalnum():
        return text
    parts = _CODE_SPAN.split(text) if "`" in text else [text]
    return "".join(part if at % 2 else _plain(part) for at, part in enumerate(parts))


def _plain(text: str) -> str:
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = _ENTITY.sub(_decoded, text)
    if "[" in text:
        text = _LINK.sub(r"\1 \2", text)
    if ("(" in text or "（" in text) and not asks_about_signs(_words(text)):
        text = _PARENTHESIS.sub(lambda found: " " if _is_face(found[1]) else found[0], text)
    if ("*" in text or "_" in text) and not _is_technical(text):
        text = _UNDERLINED.sub(r"\2", _STRONG.sub(r"\2", text))
    if "\n" in text or text[:1] in "#-*•>|":
        text = _without_layout(text)
    return text


def _without_tags(text: str) -> str:
    """A text within one pair of tags was pasted; elsewhere a pair goes, and a line's end, but no tag alone."""
    bare = text.strip()
    is_pasted = _BREAKING.match(bare) is not None and bare.endswith(">") and _PAIR.search(bare) is not None
    if is_pasted and bare.lower().endswith(f"</{bare[1:].split('>')[0].split()[0].lower()}>"):
        return _TAG.sub(_gap, text)
    if _is_technical(_TAG.sub(" ", text)):
        return text
    previous = ""
    while previous != text:
        previous, text = text, _PAIR.sub(lambda found: _gap(found) + found[2] + _gap(found), text)
    return _LINE_END.sub("\n", text)


def _gap(found: re.Match[str]) -> str:
    return "\n" if _BREAKING.match(found[0]) else ""


def _decoded(found: re.Match[str]) -> str:
    """The character of an entity that stands within words; `&nbsp;` alone, or `&lt;b&gt;`, is what a text is about."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    character = html.unescape(found[0])
    if character in {"<", ">"} and (after.isalpha() or after == "/" or before.isalpha()):
        return found[0]
    if not character.strip() or not character.isprintable():
        return character if before.isalnum() or after.isalnum() or before in {".", "?", "!", ","} else found[0]
    inside = (
        found.string[: found.start()].rstrip()[-1:].isalnum() and found.string[found.end() :].lstrip()[:1].isalnum()
    )
    return character if inside and not asks_about_signs(_words(found.string)) else found[0]


def _without_layout(text: str) -> str:
    for pattern in (_CITED, _HEADING, _BULLET):
        text = pattern.sub("", text)
    if "\n" in text:
        if "|" in text and _TABLE.search(text) is not None:
            text = _EDGE.sub("", _TABLE.sub("", text))
        text = _RULE.sub("", text)
    return text


def _is_technical(text: str) -> bool:
    return _TECHNICAL.search(text) is not None or asks_about_signs(_words(text))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _is_face(inside: str) -> bool:
    """(´･ω･`), (⊙_⊙), (T_T): no word and no number among signs that no formula has, or two equal eyes."""
    if _EYES.search(inside) is not None:
        return True
    signs = [c for c in inside if not c.isascii() and unicodedata.category(c) in {"Sk", "So", "Po", "Lm"}]
    return len(signs) >= 2 and _WORD_OR_NUMBER.search(inside) is None
