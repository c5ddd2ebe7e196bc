"""Contrast pairs made by rules: near misses and true paraphrases to train a judge of stored answers on."""

from .generate import contrast_pairs
from .pair import ContrastPair

__all__ = ["ContrastPair", "contrast_pairs"]
