"""What hangs on an entry is written with it, whatever its texts are."""

from __future__ import annotations

from rows import new, unit

from storage import Store, terms
from storage.life import Selection


def test_names_with_a_nul_are_told_apart(store: Store) -> None:
    made = [new(f"parcel {name}", scope=f"a\0{name}", exact_hash="h\0", tags=frozenset({"x"})) for name in "bcd"]
    report = store.add_many(made)
    assert (report.added, report.replaced) == (3, 0)
    assert store.check() == ()
    for name in "bcd":
        found = store.lexical(f"a\0{name}", terms("parcel", "parcel"), unit(0), 3, "e")
        assert [one.entry.question for one in found] == [f"parcel {name}"]
    assert store.life.invalidate(Selection(tags=frozenset({"x"}))).count == 3
