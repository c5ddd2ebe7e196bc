"""What comes with a pasted text and is not part of it: HTML, Markdown, faces made of signs. Pure.

Code keeps every sign, and so does what only looks like markup (a < b, 2 * 3 * 4, snake_case).
"""

import html
import re
import unicodedata
from typing import Final

_ENTITY: Final = re.compile(r"&(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_TAG: Final = re.compile(
    r"</?(?:a|abbr|article|b|big|blockquote|body|br|center|cite|dd|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|html|i|img|ins"
    r"|li|main|mark|ol|p|section|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
_BREAKING: Final = re.compile(r"^</?(?:br|p|div|li|h[1-6]|tr|blockquote)\b", re.I)
_HEADING: Final = re.compile(r"^[^\S\n]{0,3}#{1,6}[^\S\n]+(?=\S)", re.M)
_BULLET: Final = re.compile(r"^[^\S\n]{0,8}[-*+•][^\S\n]+(?=\S)", re.M)
_CITED: Final = re.compile(r"^[^\S\n]{0,3}>[^\S\n]?(?=\S)", re.M)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]+)\]\((?:<)?(https?://[^\s()<>]+)(?:>)?\)")
_STRONG: Final = re.compile(r"(?<![\w*])(\*\*\*|\*\*|__)(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*])")
_EMPHASIS: Final = re.compile(r"(?<![\w*_])([*_])(?=[^\W\d_])([^*_\n]+?)(?<=\w)\1(?![\w*_])")
_STRUCK: Final = re.compile(r"(?<!~)~~(?=\S)([^~\n]+?)(?<=\S)~~(?!~)")
_PARENTHESIS: Final = re.compile(r"[(（]([^()（）\n]{2,14})[)）][ノﾉ/~*]*")
_EYES: Final = re.compile(r"(\S)_+\1")
_WORD_OR_NUMBER: Final = re.compile(r"\d|[^\W_]{2}")
_CODE_SPAN: Final = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)


def without_markup(text: str) -> str:
    """`text` as a reader sees it: entities decoded, tags and Markdown signs gone, a link's words and address kept."""
    parts = _CODE_SPAN.split(text)
    return "".join(part if at % 2 else _plain(part) for at, part in enumerate(parts))


def _plain(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "<" in text:
        text = _TAG.sub(lambda found: "\n" if _BREAKING.match(found[0]) else "", text)
    if "(" in text or "（" in text:
        text = _LINK.sub(r"\1 \2", text)
        text = _PARENTHESIS.sub(lambda found: " " if _is_face(found[1]) else found[0], text)
    if "*" in text or "_" in text or "~" in text:
        for pattern, group in ((_STRONG, r"\2"), (_EMPHASIS, r"\2"), (_STRUCK, r"\1")):
            text = pattern.sub(group, text)
    if "\n" in text or text[:1] in "#-*+•>":
        for pattern in (_CITED, _HEADING, _BULLET):
            text = pattern.sub("", text)
    return text


def _is_face(inside: str) -> bool:
    """(´･ω･`), (⊙_⊙), (T_T): no word and no number among signs that no formula has, or two equal eyes."""
    if _EYES.search(inside) is not None:
        return True
    signs = [c for c in inside if not c.isascii() and unicodedata.category(c) in {"Sk", "So", "Po", "Lm"}]
    return len(signs) >= 2 and _WORD_OR_NUMBER.search(inside) is None
