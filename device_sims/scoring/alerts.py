"""What the service alerted: from a file, or from a running server by the API that anybody may use."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from device_sims.scoring.truth import AlertClass, Kind, Name, ScoringError, read_lines
from device_sims.server_link import ServerLink
from gateway.contract.codec import first_fault
from gateway.contract.observation import UtcDatetime

# A simulated home `x` has the resident `res-x`; an alert of the API tells the resident.
_RESIDENT: Final = "res-"


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
    resident: _Resident
    kind: Kind
    alert_class: AlertClass
    raised_at: UtcDatetime
    closed_at: UtcDatetime | None = None

    def alert(self) -> Alert:
        return Alert(
            self.resident.id.removeprefix(_RESIDENT), self.kind, self.alert_class, self.raised_at, self.closed_at
        )


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


def from_api(answer: list[dict[str, Any]]) -> list[Alert]:
    """Return the alerts in an answer of `/api/alerts`.

    Raises:
        ScoringError: it is no such answer.
    """
    try:
        return [told.alert() for told in _ANSWER.validate_python(answer)]
    except ValidationError as error:
        raise ScoringError(first_fault(error)) from None
