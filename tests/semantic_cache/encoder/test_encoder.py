"""The encoder in ONNX Runtime is the model that transformers makes of the same weights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from semantic_cache.encoder import E5Embedder, Encoder
from semantic_cache.encoder.packed_file import PackedModel, read_packed
from semantic_cache.encoder.pieces import Pieces
from semantic_cache.errors import EmbeddingError

_TEXTS = (
    "How do I reset my password?",
    "파스타 레시피 좀 알려주세요",
    "Как вернуть деньги за заказ?",
    "Qual é o horário de atendimento aos sábados?",
    "¿Cuánto tarda el envío a Canarias?",
    "ｆｕｌｌ ｗｉｄｔｈ １２３ 😀 ﬁne",
    "Hello, I ordered a pair of shoes last week and they are too small. Can I send them back without the box, who pays "
    "for that, and how long does it take until the money is on my card again? " * 3,
)


@pytest.fixture(scope="module")
def reference(encoder: Encoder) -> Any:
    """transformers' model with the packed weights written out."""
    packed = encoder.packed
    config = BertConfig(
        vocab_size=16, hidden_size=packed.width, num_hidden_layers=packed.layers, num_attention_heads=packed.heads,
        intermediate_size=packed.hidden, max_position_embeddings=packed.max_tokens, layer_norm_eps=packed.epsilon,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    model.train(False)
    names = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
        "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
        "fo": "output.dense", "oln": "output.LayerNorm",
    }  # fmt: skip
    state = {
        f"encoder.layer.{number}.{theirs}.{kind}": packed.tensors[f"l{number}.{ours}.{kind[0]}"]
        for number in range(packed.layers)
        for ours, theirs in names.items()
        for kind in ("weight", "bias")
    }
    state |= {
        "embeddings.position_embeddings.weight": packed.tensors["emb.pos"],
        "embeddings.token_type_embeddings.weight": packed.tensors["emb.type"],
        "embeddings.LayerNorm.weight": packed.tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": packed.tensors["emb.ln.b"],
    }
    missing, unexpected = model.load_state_dict({name: torch.tensor(one) for name, one in state.items()}, strict=False)
    assert not unexpected
    assert set(missing) <= {"embeddings.word_embeddings.weight", "embeddings.position_ids"}
    return model


def _by_transformers(model: Any, packed: PackedModel, text: str) -> np.ndarray:
    ids = [packed.bos, *Pieces(packed)([f"query: {text}"])[0], packed.eos]
    words = torch.tensor(packed.words.rows(np.array([ids])))
    with torch.no_grad():
        mean = model(inputs_embeds=words).last_hidden_state.mean(dim=1)[0].numpy()
    unit: np.ndarray = mean / np.linalg.norm(mean)
    return unit


def test_vectors_are_those_of_transformers(encoder: Encoder, reference: Any) -> None:
    expected = np.stack([_by_transformers(reference, encoder.packed, text) for text in _TEXTS])
    alone = np.concatenate([encoder.vectors([text]) for text in _TEXTS])
    together = encoder.vectors(_TEXTS)
    for vectors in (alone, together):
        assert np.einsum("ij,ij->i", vectors, expected).min() > 0.999
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    # One word over and over is the worst there is for numbers that are rounded together.
    worst = "a " * 200
    assert float(encoder.vectors([worst])[0] @ _by_transformers(reference, encoder.packed, worst)) > 0.997


def test_texts_are_cut_as_sentencepiece_cuts_them(encoder: Encoder) -> None:
    # Counted by the engine in C that the weights come with, special tokens and prefix included.
    counts = {"How do I reset my password?": 12, "파스타 레시피 좀 알려주세요": 13}
    assert {text: encoder.count_tokens(text) for text in counts} == counts
    pieces = encoder.pieces(["query: How do I reset my password?"])[0]
    assert [encoder.packed.pieces[one][0] for one in pieces] == [
        "▁que",
        "ry",
        ":",
        "▁How",
        "▁do",
        "▁I",
        "▁reset",
        "▁my",
        "▁password",
        "?",
    ]


def test_the_embedder_keeps_the_name_of_its_vectors(encoder: Encoder) -> None:
    embedder = E5Embedder(encoder)
    assert (embedder.name, embedder.dimensions, embedder.max_tokens) == ("multilingual-e5-small-q4", 384, 512)
    assert embedder.encode([]).shape == (0, 384)


@pytest.mark.parametrize(("text", "says"), [("", "empty"), ("a\0b", "NUL"), ("a\ud800b", "surrogate")])
def test_what_cannot_be_read_is_refused_by_its_reason(encoder: Encoder, text: str, says: str) -> None:
    with pytest.raises(EmbeddingError, match=says):
        encoder.vectors([text])
    with pytest.raises(EmbeddingError, match=says):
        encoder.vectors(["a good text", text])


def test_many_threads_get_the_same_vectors(encoder: Encoder) -> None:
    texts = [f"question number {number}" for number in range(40)]
    expected = [encoder.vectors([text])[0] for text in texts]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda text: encoder.vectors([text])[0], texts * 3))
    assert all(np.array_equal(a, b) for a, b in zip(got, expected * 3, strict=True))


def test_states_are_shared_and_cannot_be_written_to(encoder: Encoder) -> None:
    states = encoder.states("How do I reset my password?")
    assert states.shape == (12, 384)
    with pytest.raises(ValueError, match="read-only"):
        states[0, 0] = 1.0


def test_a_damaged_file_is_refused_with_the_way_out(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "e5.bin"
    for data in (b"", b"E5S1", b"nothing of the kind" * 10):
        path.write_bytes(data)
        with pytest.raises(EmbeddingError, match="Delete it and fetch it anew"):
            read_packed(path)


def test_a_text_that_is_too_long_is_read_as_far_as_it_goes(encoder: Encoder) -> None:
    long = "word " * 600
    assert encoder.count_tokens(long) > encoder.packed.max_tokens
    assert encoder.states(long).shape == (encoder.packed.max_tokens, 384)
    assert np.linalg.norm(encoder.vectors([long, "short"]), axis=1) == pytest.approx(1.0, abs=1e-5)
