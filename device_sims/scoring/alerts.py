"""What the service alerted: from a file, or from a running server by the API that anybody may use."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from device_sims.scoring.truth import AlertClass, Kind, Name, ScoringError, Truth, read_lines
from device_sims.server_link import ServerLink
from gateway.contract.codec import first_fault
from gateway.contract.observation import UtcDatetime

# A simulated home `x` has the resident `res-x`; an alert of the API tells the resident.
_RESIDENT: Final = "res-"
_HOME: Final = "home-"
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `closed_at` None: it is still open."""

    home: Name
    kind: Kind
    alert_class: AlertClass
    raised_at: UtcDatetime
    closed_at: UtcDatetime | None = None
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")


class _Resident(BaseModel):
    id: str


class _Told(BaseModel):
    resident: _Resident | None
    kind: Kind
    alert_class: AlertClass
    raised_at: UtcDatetime
    closed_at: UtcDatetime | None = None

    def alerts(self) -> list[Alert]:
        if self.resident is None:  # about a whole unit, or a room that is nobody's: no simulated home's
            return []
        home = self.resident.id.removeprefix(_RESIDENT)
        return [Alert(home, self.kind, self.alert_class, self.raised_at, self.closed_at)]


_LINE: Final = TypeAdapter(Alert)
_ANSWER: Final = TypeAdapter(Annotated[list[_Told], Field()])


def read_alerts(path: Path) -> list[Alert]:
    """Read alerts from JSON lines, or from a saved answer of `/api/alerts?group=all`.

    Raises:
        ScoringError: the text names the file, the line or place, and what was expected.
    """
    if path.is_file() and path.read_bytes().lstrip()[:1] == b"[":
        try:
            return from_api(json.loads(path.read_bytes()))
        except (ValueError, ScoringError) as error:
            raise ScoringError(f"{path}: {error}") from None
    return [alert for _, alert in read_lines(path, _LINE)]


def write_alerts(path: Path, alerts: list[Alert]) -> None:
    """Write a file that `read_alerts` reads back."""
    path.write_bytes(b"".join(_LINE.dump_json(alert, exclude_none=True) + b"\n" for alert in alerts))


async def alerts_of(link: ServerLink) -> list[Alert]:
    """Return all alerts of the tester's unit.

    Raises:
        NoAnswerError: the server does not answer.
        ScoringError: it answers something else than alerts.
    """
    return from_api(await link.alerts())


def refuse_another_run(truth: Truth, alerts: Sequence[Alert]) -> None:
    """Make sure that truth and alerts are of one run: a score of two would say that nothing was alerted.

    Raises:
        ScoringError: there are alerts, and not one of them is about a home that the truth watches.
    """
    watched, told = {one.home for one in truth.watched}, {one.home for one in alerts}
    if told and watched.isdisjoint(told):
        raise ScoringError(
            f"truth and alerts are of two runs: the truth watches {_some(watched)}, the alerts are about {_some(told)}"
        )


async def refuse_unknown_homes(link: ServerLink, truth: Truth) -> None:
    """Make sure that the server knows every home that the truth watches.

    Raises:
        NoAnswerError: the server does not answer.
        ScoringError: it does not; nothing could have been alerted about them there.
    """
    watched = {one.home for one in truth.watched}
    unknown = watched - {str(one["home"]).removeprefix(_HOME) for one in await link.gateways()}
    if unknown:
        raise ScoringError(
            f"the server does not know {len(unknown)} of the {len(watched)} homes that the truth watches "
            f"({_some(unknown)}): was it another server, or another tester's unit?"
        )


def _some(homes: Collection[str]) -> str:
    first = ", ".join(sorted(homes)[:_NAMED])
    return f"{first} and {len(homes) - _NAMED} more" if len(homes) > _NAMED else first


def from_api(answer: list[dict[str, Any]]) -> list[Alert]:
    """Return the alerts about homes in an answer of `/api/alerts`.

    Raises:
        ScoringError: it is no such answer.
    """
    try:
        return [alert for told in _ANSWER.validate_python(answer) for alert in told.alerts()]
    except ValidationError as error:
        raise ScoringError(first_fault(error)) from None
