"""Pairs out of lists of questions that people wrote: near misses, rephrasings and noisy copies."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.examples import Example
from training.surface_noise import noisy

__all__ = ["LISTS", "Row", "Taken", "list_pairs"]

Row = tuple[str, str, str, str, str]
"""(source, language, text, answer's name, neighbourhood)."""
Refused = Callable[[str, str], bool]
Vectors = Callable[[Iterable[str]], NDArray[np.float32]]

_NEIGHBOURS = 4
_LOOKED_AT = 60
_MOST_LETTERS = 140
_SETTLED = frozenset(
    """
    account_blocked are_you_a_bot balance bill_due card_declined credit_limit credit_score direct_deposit
    do_you_have_pets expiration_date find_phone flip_coin fun_fact gas how_old_are_you improve_credit_score
    income insurance insurance_change international_fees jump_start lost_luggage meaning_of_life
    meeting_schedule min_payment mpg next_holiday next_song oil_change_how oil_change_when order_checks
    payday pin_change pto_balance pto_request_status pto_used redeem_rewards repeat report_fraud report_lost_card
    reset_settings rewards_balance roll_dice rollover_401k schedule_maintenance spending_history sync_device tell_joke
    tire_change tire_pressure traffic transactions vaccines w2 what_are_your_hobbies what_can_i_ask_you
    what_is_your_name what_song where_are_you_from who_do_you_work_for who_made_you
    """.split()  # noqa: SIM905
)
"""Intents of clinc150 that hold no value of their own (a place, an amount): there near wordings ask the same thing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many pairs a list gives.

    Args:
        misses: A question and one of its nearest with another answer.
        rephrasings: Two questions near to each other with one answer.
        copies: A question and a noisy copy of it.
        nearness: The least cosine of a rephrasing. One intent is not one question: only near ones are the same.
        doubt: The cosine from which on two questions are taken for no near miss: intents overlap.
    """

    misses: int
    rephrasings: int
    copies: int
    nearness: float = 0.0
    doubt: float = 2.0


LISTS = {
    "banking77": Taken(1100, 1100, 300, 0.95, 0.97),
    "clinc150": Taken(600, 500, 200, 0.94, 0.97),
    "xquad_q": Taken(500, 0, 400),
    "chatbot_ko": Taken(700, 0, 500),
    "parakqc": Taken(700, 700, 100),
}


def list_pairs(
    rows: list[Row], vectors_of: Vectors, taken: Taken, refused: Refused, rng: random.Random
) -> list[Example]:
    """The pairs of one list; none that a guard refuses.

    Args:
        vectors_of: Texts → (texts, width) float32 unit vectors.
        refused: Whether a hard guard refuses a pair.
    """
    short = [row for row in rows if len(row[2]) <= _MOST_LETTERS]
    rows = rng.sample(short, k=len(short))
    vectors = vectors_of(row[2] for row in rows)
    names = np.array([row[3] for row in rows])
    misses, rephrasings = (
        _misses(rows, vectors, taken.doubt, rng),
        _rephrasings(rows, names, vectors, taken.nearness, rng),
    )
    copies = (_pair(row, noisy(row[2], row[1], rng), same=True, kind="noise") for row in rows)
    made = _first(misses, taken.misses, refused) + _first(rephrasings, taken.rephrasings, refused)
    return made + _first(copies, taken.copies, refused)


def _first(pairs: Iterable[Example], most: int, refused: Refused) -> list[Example]:
    out: list[Example] = []
    for pair in pairs:
        if len(out) == most:
            break
        if pair.one != pair.other and not refused(pair.one, pair.other):
            out.append(pair)
    return out


def _misses(rows: list[Row], vectors: NDArray[np.float32], doubt: float, rng: random.Random) -> Iterator[Example]:
    for place, row in enumerate(rows):
        cosines = vectors @ vectors[place]
        near = [one for one in np.argsort(-cosines)[:_LOOKED_AT] if cosines[one] < doubt]
        others = [other for other in near if rows[other][3] != row[3] and rows[other][4] == row[4]]
        if others:
            yield _pair(row, rows[rng.choice(others[:_NEIGHBOURS])][2], same=False, kind="near miss")


def _rephrasings(
    rows: list[Row], names: NDArray[np.str_], vectors: NDArray[np.float32], nearness: float, rng: random.Random
) -> Iterator[Example]:
    for place, row in enumerate(rows):
        if row[0] == "clinc150" and row[3] not in _SETTLED:
            continue
        mates = np.flatnonzero(names == row[3])
        cosines = vectors[mates] @ vectors[place]
        near = [int(mate) for mate, cosine in zip(mates, cosines, strict=True) if mate != place and cosine >= nearness]
        if near:
            nearest = sorted(near, key=lambda mate: -float(vectors[mate] @ vectors[place]))
            chosen = rng.choice(nearest[:_NEIGHBOURS] if nearness else nearest)
            yield _pair(row, rows[chosen][2], same=True, kind="rephrasing")


def _pair(row: Row, other: str, *, same: bool, kind: str) -> Example:
    return Example(row[2], other, same, row[0], row[3], row[1], kind)
