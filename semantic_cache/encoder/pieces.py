"""Texts → ids of word pieces, as XLM-RoBERTa cuts them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace

from semantic_cache.encoder.packed_file import PackedModel

__all__ = ["Pieces"]

_SPACES: Final = re.compile(" {2,}")


class Pieces:
    """Cuts texts into pieces. Thread-safe.

    Args:
        model: Whose vocabulary it is.
    """

    def __init__(self, model: PackedModel) -> None:
        self.bos, self.eos, self.pad = model.bos, model.eos, model.pad
        self._normal_forms = model.normal_forms
        self._tokenizer = Tokenizer(Unigram(model.pieces, unk_id=model.unk, byte_fallback=False))
        self._tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always", split=True)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """The pieces of each text, without special ones."""
        normal = [_SPACES.sub(" ", text.translate(self._normal_forms)) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(normal, add_special_tokens=False)]
