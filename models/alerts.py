"""What a look back over a trace would have told people, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

AlertClass = Literal["person", "trend", "technical"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one home.

    `started_at` is when what it tells of began, `raised_at` when it could be known, `ended_at` when it was over; None:
    it had not ended by the end of the trace. All aware. `p_value`: how often so much is seen on this home's ordinary
    days, 0 to 1. `severity`: 10 to 40, as in the national code list. `reasons`: each names a sentence (`key`) and the
    figures that go into it.
    """

    home: str
    raised_at: datetime
    started_at: datetime
    ended_at: datetime | None
    cls: AlertClass
    kind: str
    code: str
    severity: int
    p_value: float
    reasons: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as one line of a file of alerts says it."""
        return {
            "home": self.home,
            "raised_at": self.raised_at.isoformat(),
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "class": self.cls,
            "kind": self.kind,
            "code": self.code,
            "severity": self.severity,
            "p_value": self.p_value,
            "reasons": list(self.reasons),
        }
