"""What really happened in simulated homes, and what should and should not have been alerted about it.

A file of truth is JSON lines: one object a line, `what` says which. Times are ISO 8601 with a zone, spans ISO 8601
(`PT3H`) or seconds. docs/simulated-homes.md describes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from device_sims.errors import SimulationError
from gateway.contract.codec import first_fault
from gateway.contract.observation import UtcDatetime

Kind = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]
Span = Annotated[timedelta, Field(gt=timedelta(0))]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class ScoringError(SimulationError):
    """A file cannot be scored; the text says where and what was expected there."""


class AlertClass(StrEnum):
    """Whom an alert is about, as the service's API has it."""

    PERSON = "person"
    TREND = "trend"
    TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class Watched:
    """A home counts from `begins_at` until `ends_at`: what was alerted outside is left out (it was still learning)."""

    home: Name
    begins_at: UtcDatetime
    ends_at: UtcDatetime
    what: Literal["watched"] = "watched"
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Expected:
    """Must be alerted, by any of `kinds`, from `begins_at` on and not later than `within` after it.

    `ends_at` is when it was over; None: at that limit. `alert_class` is technical for a fault of a device.
    """

    home: Name
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    begins_at: UtcDatetime
    within: Span
    label: Name
    ends_at: UtcDatetime | None = None
    alert_class: AlertClass = AlertClass.PERSON
    what: Literal["expected"] = "expected"
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    @property
    def due_at(self) -> datetime:
        """The last moment that is in time."""
        return self.begins_at + self.within

    @property
    def over_at(self) -> datetime:
        """Until when an alert can be about it."""
        return max(self.due_at, self.ends_at or self.due_at)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Must not be alerted from `begins_at` until `ends_at`. `kinds` None: no alert about the person at all."""

    home: Name
    begins_at: UtcDatetime
    ends_at: UtcDatetime
    label: Name
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] | None = None
    what: Literal["forbidden"] = "forbidden"
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of some homes. At least one is watched."""

    watched: tuple[Watched, ...]
    expected: tuple[Expected, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()


TruthLine = Annotated[Watched | Expected | Forbidden, Field(discriminator="what")]
_LINE: Final[TypeAdapter[Watched | Expected | Forbidden]] = TypeAdapter(TruthLine)

T = TypeVar("T")


def read_truth(path: Path) -> Truth:
    """Read a file of truth.

    Raises:
        ScoringError: it cannot be used; the text names the file, the line and what was expected.
    """
    lines = list(read_lines(path, _LINE))
    for number, line in lines:
        if isinstance(line, Watched | Forbidden) and line.ends_at <= line.begins_at:
            raise ScoringError(f"{path}, line {number}: ends_at: a moment after begins_at was expected")
    watched = tuple(line for _, line in lines if isinstance(line, Watched))
    if not watched:
        raise ScoringError(f'{path}: at least one line with "what": "watched" was expected, to know how long each home')
    for number, line in lines:
        if isinstance(line, Expected) and not is_watched(watched, line.home, line.begins_at):
            raise ScoringError(
                f"{path}, line {number}: begins_at: a time in which home {line.home} is watched was expected"
            )
    return Truth(
        watched,
        tuple(line for _, line in lines if isinstance(line, Expected)),
        tuple(line for _, line in lines if isinstance(line, Forbidden)),
    )


def write_truth(path: Path, truth: Truth) -> None:
    """Write a file that `read_truth` reads back."""
    lines: list[Watched | Expected | Forbidden] = [*truth.watched, *truth.expected, *truth.forbidden]
    path.write_bytes(b"".join(_LINE.dump_json(line, exclude_none=True) + b"\n" for line in lines))


def is_watched(watched: Iterable[Watched], home: str, at: datetime) -> bool:
    """Return whether a home counts at a moment."""
    return any(one.home == home and one.begins_at <= at < one.ends_at for one in watched)


def read_lines(path: Path, kind: TypeAdapter[T]) -> list[tuple[int, T]]:
    """Read JSON lines with their line numbers, from 1; empty lines are passed over.

    Raises:
        ScoringError: the file or a line cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScoringError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScoringError(f"{path}: it cannot be read ({error})") from None
    read = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                read.append((number, kind.validate_json(line)))
            except ValidationError as error:
                raise ScoringError(f"{path}, line {number}: {first_fault(error)}") from None
    return read
