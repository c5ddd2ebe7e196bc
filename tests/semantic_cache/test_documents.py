"""Documents are read whole or refused with the reason."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from semantic_cache import SemanticCache, Settings
from semantic_cache.documents import load_documents
from semantic_cache.errors import DocumentError


def test_a_document_has_its_name_text_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "handbook.md"
    path.write_text("Vielen Dank, 감사합니다.\n", "utf-8")
    (document,) = load_documents([path])
    assert (document.name, document.text) == ("handbook.md", "Vielen Dank, 감사합니다.")
    assert document.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe\x00", "not UTF-8"), (b"  \n", "is empty"), (b"a\0b", "NUL"), (None, "cannot be read")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "handbook.md"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DocumentError, match=said):
        load_documents([path])


def test_a_missing_document_is_found_when_the_cache_is_opened(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.md"):
        SemanticCache.open(Settings(store="sqlite://", documents=(tmp_path / "nowhere.md",)))
