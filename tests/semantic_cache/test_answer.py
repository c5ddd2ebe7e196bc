"""What an answer says of its tokens can be priced."""

from __future__ import annotations

from kvcache.accounting import chat_usage
from kvcache.prices import cost, load_prices
from semantic_cache import Usage


def test_usage_is_priced_as_the_prefix_cache_prices_its_own() -> None:
    usage = Usage(prompt_tokens=1300, cached_tokens=900, completion_tokens=50, written_tokens=300)
    assert chat_usage(usage.record()) == {
        "prompt_tokens": 1300,
        "completion_tokens": 50,
        "total_tokens": 1350,
        "prompt_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 300},
    }
    prices = next(one for one in load_prices().values() if one.writes)
    spent = cost(usage.record(), prices)
    assert spent.written == 300 * prices.write("5m") / 1e6
    assert spent.total < spent.without_cache


def test_a_stored_answer_costs_nothing() -> None:
    prices = next(iter(load_prices().values()))
    assert cost(Usage().record(), prices).total == 0
