"""The figures of bench/matching.py for people: tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matching_streams import stream_table
from matching_traps import hard_table

__all__ = ["tables"]


def tables(result: Mapping[str, Any]) -> str:
    """All of them, each after an empty line."""
    parts = [
        _sets(result),
        list(hard_table(result["pairs"]["hard pairs"])),
        _pooled(result),
        _cosines(result),
        stream_table(result["streams"]),
        _budgets(result),
        _steps(result),
    ]
    return "\n".join(line for lines in parts for line in ("", *lines))


def _sets(result: Mapping[str, Any]) -> list[str]:
    lines = [
        "| set (pairs, groups) | never trained on | cosine | features | verifier | never saw it "
        "| area: cosine / verifier | verifier for 1%: hits, wrong | guards, cosine for 1%: hits, wrong |",
        "|" + "---|" * 9,
    ]
    for name, row in result["pairs"]["sets"].items():
        unseen, seen = row.get("verifier, set never seen"), row["seen in training"]
        never = _shown(unseen) if unseen else "" if seen else "as it is"
        lines.append(
            f"| {name} ({row['pairs']}, {row['cosine']['groups']}) | {'' if seen else 'yes'} "
            f"| {_shown(row['cosine'])} | {_shown(row['features'])} | {_shown(row['verifier'])} | {never} "
            f"| {row['cosine']['area']:.3f} / {row['verifier']['area']:.3f} "
            f"| {_operating(row, 'verifier for 1%')} | {_operating(row, 'guards, cosine for 1%')} |"
        )
    return lines


def _pooled(result: Mapping[str, Any]) -> list[str]:
    rules = ("cosine", "features", "verifier", "verifier, set never seen")
    lines = [
        f"| one threshold for all sets (pairs) | wrong | {' | '.join(rules)} | verifier ÷ cosine |",
        "|" + "---|" * (len(rules) + 3),
    ]
    for name, row in result["pairs"]["one threshold for all"].items():
        for wrong in ("1%", "2%", "5%"):
            hits = [row[rule][f"hits at {wrong} wrong"] for rule in rules]
            more = f"{hits[2] / hits[0]:.1f}" if hits[0] else "–"
            shown = " | ".join(f"{one:.1%}" for one in hits)
            lines.append(f"| {name} ({row['pairs']}) | {wrong} | {shown} | {more} |")
    return lines


def _operating(row: Mapping[str, Any], rule: str) -> str:
    now = row["as it comes"][rule]
    return f"{now['hits']:.1%}, {now['wrong']} of {now['served']}"


def _shown(figures: Mapping[str, Any]) -> str:
    """Hits at 2 % wrong, with their interval."""
    low, high = figures["interval at 2% wrong"]
    return f"{figures['hits at 2% wrong']:.1%} ({100 * low:.0f}–{100 * high:.0f})"


def _cosines(result: Mapping[str, Any]) -> list[str]:
    lines = [
        "| rule | least | labelled pairs served, wrong | worth | upper bound | promised |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in result["pairs"]["rules"].items():
        least = "nothing is served" if one["least"] is None else f"{one['least']:.3f}"
        promised = "yes" if one["promised"] else f"no: {one['refusal']}"
        lines.append(
            f"| {name} | {least} | {one['served']}, {one['wrong']} | {one['worth']:.0f} "
            f"| {one['upper bound']:.1%} | {promised} |"
        )
    return lines


def _budgets(result: Mapping[str, Any]) -> list[str]:
    lines = [
        "| split | rule | budget | kept | serving | promised (broken) | worst share, median | wrong of all served "
        "| same-meaning pairs served |",
        "|" + "---|" * 9,
    ]
    pairs = result["pairs"]
    by_split = {"by group": pairs["budgets"], "sets one after another": pairs["budgets over time"]["all"]}
    for split, rules in by_split.items():
        for rule, budgets in rules.items():
            for budget, one in budgets.items():
                wrong, served = one["all together"]
                lines.append(
                    f"| {split} | {rule} | {budget} | {one['kept']} of {one['splits']} | {one['serving']} "
                    f"| {one['promised']} ({one['promised and broken']}) "
                    f"| {one['worst share']:.1%}, {one['median share']:.1%} "
                    f"| {wrong} of {served} | {one['median share of same-meaning pairs served']:.1%} |"
                )
    return lines


def _steps(result: Mapping[str, Any]) -> list[str]:
    lines = ["| step | reached by | ms (quartiles) | p99 |", "|---|---|---|---|"]
    for name, one in result["lookups"]["steps"].items():
        lines.append(f"| lookup: {name} | {one['reached by']:.1%} | {_spread(one)} | {one['p99']:.2f} |")
    for name, one in result["milliseconds"].items():
        lines.append(f"| one pair: {name} | | {_spread(one)} | {one['p99']:.2f} |")
    made = result["lookups"]
    read, judged = made["candidates read, of those judged"]
    lines += [
        "",
        f"{made['lookups that reach the pair model']:.1%} of {made['lookups']} lookups reach the pair model, with "
        f"{made['candidates read a lookup that reaches it']} candidates each; it reads {read} of {judged} "
        "candidates that come to the verifier.",
    ]
    return lines


def _spread(one: Mapping[str, float]) -> str:
    return f"{one['median']:.2f} ({one['q1']:.2f}–{one['q3']:.2f})"
