"""What a served entry leaves behind: a sliding life is prolonged by its use."""

from __future__ import annotations

from fakes import WordEmbedder
from rows import exact_hash, new

from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Bot
from semantic_cache.keeper import Keeper
from semantic_cache.reach import Reach
from storage import Lifetime, Store


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_use_prolongs_a_sliding_life_and_no_fixed_one() -> None:
    clock = Clock()
    with Store.open("sqlite://", clock=clock) as store:
        keeper = Keeper(store, EmbedderInUse(WordEmbedder), Bot(), "1", Reach())
        store.add(new("sliding", lifetime=Lifetime(100.0, sliding=True)))
        store.add(new("fixed", lifetime=Lifetime(100.0)))
        for clock.now in (1080.0, 1099.0):
            for question in ("sliding", "fixed"):
                entry = store.exact("s", exact_hash(question))
                assert entry is not None
                assert keeper.used(entry) is None
        clock.now = 1150.0
        assert store.exact("s", exact_hash("sliding")) is not None
        assert store.exact("s", exact_hash("fixed")) is None
