"""What lasts in a home just now, each with the moment at which it is too long."""

from dataclasses import dataclass, field
from typing import Any, Final

from models.finding import FindingKind

NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that lasts. `due_s`: when it is too long, seconds since 1970 UTC; `NEVER` where it cannot be.

    `subject`: which of several it is (a door, a measure), empty where there is one. `reason` and `figures`: the
    sentence that tells it; `p_value`: None for a fixed rule. `last_s`: the last sign of life, where it matters; 0: it
    does not. `goes_on`: another beginning does not
    make it another one.
    """

    kind: FindingKind
    subject: str
    room: str | None
    started_s: float
    due_s: float
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)
    p_value: float | None = None
    last_s: float = 0.0
    goes_on: bool = False

    @property
    def key(self) -> str:
        """What it is remembered by once it was told."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind.value
