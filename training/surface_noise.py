"""The same question as other people type it: case, punctuation, a slip of the finger, a courtesy."""

from __future__ import annotations

import random

__all__ = ["noisy"]

_BEFORE = {
    "en": ("hi, ", "hello, ", "please tell me ", "quick question: ", "sorry, ", "um ", "hey "),
    "ko": ("안녕하세요 ", "저기요 ", "궁금한데 ", "혹시 ", "음 ", "질문이요, "),
    "ru": ("здравствуйте, ", "подскажите, ", "привет, ", "извините, "),
    "es": ("hola, ", "por favor, ", "perdón, ", "una pregunta: "),
    "pt": ("olá, ", "por favor, ", "oi, ", "uma pergunta: "),
}
_AFTER = {
    "en": (" please", " thanks", " thank you", " pls", "??", "!"),
    "ko": (" 부탁드려요", " 감사합니다", " ㅠㅠ", "??", "요?"),
    "ru": (" пожалуйста", " спасибо", "??"),
    "es": (" por favor", " gracias", "??"),
    "pt": (" por favor", " obrigado", "??"),
}


def noisy(text: str, language: str, rng: random.Random) -> str:
    """Another way to type the same words; never the text itself unless nothing could be changed."""
    out = text
    if rng.random() < 0.4:
        out = out.lower()
    if rng.random() < 0.5:
        out = out.rstrip("?.! ")
    if rng.random() < 0.3:
        out = rng.choice(_BEFORE.get(language, _BEFORE["en"])) + out
    if rng.random() < 0.3:
        out += rng.choice(_AFTER.get(language, _AFTER["en"]))
    if rng.random() < 0.4 or out == text:
        out = _slip(out, rng)
    return out


def _slip(text: str, rng: random.Random) -> str:
    """Two letters of a long word changed about, or one left out."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    place = rng.choice(long)
    word = words[place]
    at = rng.randrange(1, len(word) - 2)
    words[place] = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] if rng.random() < 0.5 else word[:at] + word[at + 1 :]
    )
    return " ".join(words)
