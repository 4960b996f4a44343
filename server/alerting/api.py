"""The routes of alerts: looked at, taken, answered and closed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from server.access.api import NowDep, ViewerDep
from server.alerting import service
from server.alerting.rules import Outcome
from server.alerting.service import Ending
from server.alerting.views import PAGE, AlertView, get_alert, list_alerts
from server.db.session import DatabaseDep, ReadDep

router = APIRouter(prefix="/api/alerts", tags=["alerts"])


class PersonRef(BaseModel):
    """Who it is about."""

    id: str
    name: str


class AlertOut(BaseModel):
    """An alert; times in UTC, None where it has not happened."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    code: str | None = Field(description="vkp-alert-code-v090; None for technical faults")
    severity: int
    alert_class: str
    status: str
    resident: PersonRef | None = Field(description="None: a home nobody lives in, or a whole unit")
    unit: str
    address: str = Field(description="Empty where it is about the whole unit")
    room: str | None
    repeats: int
    late: bool
    version: int
    why: list[dict[str, Any]]
    observed_at: datetime
    received_at: datetime | None
    raised_at: datetime
    notified_at: datetime | None
    shown_at: datetime | None
    taken_at: datetime | None
    taken_by: str | None
    on_the_way_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    note: str
    log: list[dict[str, Any]] = []


class SeenVersion(BaseModel):
    """The version of the alert that the person saw when deciding."""

    version: int = Field(ge=1)


class EndingIn(SeenVersion):
    """How it ended."""

    outcome: Outcome
    note: str = Field(default="", max_length=2000)


Group = Annotated[Literal["open", "taken", "closed", "all"], Query()]


After = Annotated[
    str | None,
    Query(description="Go on after the alert of this id: the last one of the page before. Its place never changes"),
]
_NEXT_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Link": {"description": "Where the next page is, rel=next (RFC 8288); none on the last one"}}}
}


@router.get("", responses=_NEXT_PAGE)
def get_alerts(
    viewer: ViewerDep, db: ReadDep, response: Response, group: Group = "open", after: After = None
) -> list[AlertOut]:
    """List the unit's alerts, the gravest and newest first (closed ones: the last closed first), 200 to a page."""
    alerts = list_alerts(db, viewer, group, after)
    if len(alerts) == PAGE:
        response.headers["Link"] = f'</api/alerts?group={group}&after={alerts[-1].id}>; rel="next"'
    return [_alert_out(alert) for alert in alerts]


@router.get("/{alert_id}")
def get_one_alert(viewer: ViewerDep, db: ReadDep, alert_id: str) -> AlertOut:
    """Show one alert with its log."""
    return _alert_out(get_alert(db, viewer, alert_id))


class Acting:
    """A person's change to an alert: the parts every such route needs."""

    def __init__(self, request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep) -> None:
        self.viewer = viewer
        self._database = database
        self._now = now
        self._changed: Callable[[], None] = request.app.state.feed.wake

    def on(self, alert_id: str, act: Callable[..., None], *details: object) -> AlertOut:
        """Make the change in one transaction and return the alert as it then is."""
        with self._database.transaction() as db:
            act(db, self.viewer, alert_id, *details, self._now)
            db.flush()
            alert = _alert_out(get_alert(db, self.viewer, alert_id))
        self._changed()
        return alert


ActingDep = Annotated[Acting, Depends()]


@router.post("/{alert_id}/take")
def post_take(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Have the alert. 409 when somebody else was first."""
    return acting.on(alert_id, service.take, seen.version)


@router.post("/{alert_id}/on-the-way")
def post_on_the_way(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Be on the way."""
    return acting.on(alert_id, service.on_the_way, seen.version)


@router.post("/{alert_id}/arrived")
def post_arrived(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Be with the resident."""
    return acting.on(alert_id, service.arrived, seen.version)


@router.post("/{alert_id}/close")
def post_close(acting: ActingDep, alert_id: str, ending: EndingIn) -> AlertOut:
    """End the alert with an outcome."""
    return acting.on(alert_id, service.close, ending.version, Ending(ending.outcome, ending.note))


@router.post("/{alert_id}/shown")
def post_shown(acting: ActingDep, alert_id: str) -> AlertOut:
    """Tell that a page has shown the alert to a person; only the first time counts."""
    return acting.on(alert_id, service.shown)


def _alert_out(alert: AlertView) -> AlertOut:
    fields = {name: getattr(alert, name) for name in AlertOut.model_fields if hasattr(alert, name)}
    who = alert.resident_id
    fields["resident"] = None if who is None else PersonRef(id=who, name=alert.resident_name)
    fields["why"] = [reason.as_json() for reason in alert.why]
    fields["log"] = [asdict(line) for line in alert.log]
    return AlertOut(**fields)
