"""What the models noticed, with reasons in figures; the words are the reader's language's."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class FindingKind(StrEnum):
    """What was noticed."""

    INACTIVITY = "inactivity"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a key that names a sentence, and the figures that go into it."""

    key: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual.

    `started_at` is when it began, `noticed_at` when it passed the line; both aware, by the home's time. `evidence` are
    the moments of the activities it rests on.
    """

    kind: FindingKind
    started_at: datetime
    noticed_at: datetime
    room: str | None
    reasons: tuple[Reason, ...]
    evidence: tuple[datetime, ...]
