"""How long an answer lives: the shortest of the lifetimes that hold for it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from storage import Lifetime, Origin

__all__ = ["Lifetimes"]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """What the settings say of lifetimes.

    Args:
        generated: Of what the model answered; None: until it is removed.
        named: "tag:NAME" or "tenant:NAME" → of the entries with that tag, or of that tenant's.
    """

    generated: Lifetime | None = None
    named: Mapping[str, Lifetime] = field(default_factory=dict)

    def of(self, origin: Origin, *, tenant: str, tags: Collection[str], own: Lifetime | None = None) -> Lifetime | None:
        """The shortest that holds for an entry; None where none does.

        What a person wrote ends by its own lifetime or its tags' alone: a rule for a whole tenant is about what can be
        generated again. Of two that are equally long the one that is not prolonged counts.
        """
        holding = [own, *(self.named.get(f"tag:{tag}") for tag in tags)]
        if origin == "generated":
            holding += [self.generated, self.named.get(f"tenant:{tenant}")]
        lives = [one for one in holding if one is not None]
        return min(lives, key=lambda one: (one.ttl_seconds, one.sliding), default=None)
