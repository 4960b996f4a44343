"""The routes of alerts: looked at, taken, answered and closed."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from server.access.api import NowDep, ViewerDep
from server.alerting import handing, service
from server.alerting.life import Cause, Measure
from server.alerting.rules import Outcome
from server.alerting.service import Ending
from server.alerting.views import PAGE, AlertView, get_alert, list_alerts
from server.db.session import DatabaseDep, ReadDep

router = APIRouter(prefix="/api/alerts", tags=["alerts"])


class PersonRef(BaseModel):
    """Who it is about."""

    id: str
    name: str


class CompanionOut(BaseModel):
    """Another open alert of the same happening."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    status: str
    version: int
    late: bool


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
    happening: str | None = Field(description="Shared by alerts of one happening in a home")
    together: list[CompanionOut]
    why: list[dict[str, Any]]
    observed_at: datetime
    received_at: datetime | None
    raised_at: datetime
    notified_at: datetime | None = Field(description="Sent: a channel took the news")
    delivered_at: datetime | None = Field(description="A device said that it has the message")
    shown_at: datetime | None
    taken_at: datetime | None
    taken_by: str | None
    due_at: datetime | None = Field(description="When whoever has it is asked, or once asked, when it is taken back")
    is_asked: bool
    offered_to: str | None = Field(description="The colleague it was forwarded to, until somebody takes it")
    on_the_way_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    reopen_until: datetime | None = Field(description="Until then a close can be undone; None: it cannot")
    outcome: str | None
    cause: str | None
    measure: str | None
    note: str
    needs_visit: bool = Field(description="Of one alert: called again, and nobody was there; it takes two to close it")
    confirmed_by: str | None
    log: list[dict[str, Any]] = Field(default=[], description="`code`: vkp-composition-event-v090, where it has one")


class SeenVersion(BaseModel):
    """The version of the alert that the person saw when deciding."""

    version: int = Field(ge=1)


class AlsoIn(SeenVersion):
    """Another alert of the same happening, as it was seen."""

    id: str


class ForwardIn(SeenVersion):
    """Whom it is forwarded to: the number of a colleague."""

    to: int


class ColleagueOut(BaseModel):
    """Somebody an alert can be forwarded to."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


class EndingIn(SeenVersion):
    """How it ended."""

    outcome: Outcome
    cause: Cause | None = None
    measure: Measure | None = None
    note: str = Field(default="", max_length=2000)
    also: list[AlsoIn] = Field(default=[], description="Others of the same happening that ended so")


class ShownIn(BaseModel):
    """What a page shows."""

    alerts: list[str] = Field(min_length=1, max_length=PAGE)


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

    def on_each(self, alert_ids: Iterable[str], act: Callable[..., None]) -> None:
        """Make the same change to several alerts, or to none of them."""
        with self._database.transaction() as db:
            for alert_id in sorted(set(alert_ids)):  # in one order: each is locked
                act(db, self.viewer, alert_id, self._now)
        self._changed()


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
    """End the alert with an outcome. 409 when they called again and nobody has been there: see confirm-no-visit."""
    also = tuple((one.id, one.version) for one in ending.also)
    how = Ending(ending.outcome, ending.note, ending.cause, ending.measure, also)
    return acting.on(alert_id, service.close, ending.version, how)


@router.post("/{alert_id}/leave")
def post_leave(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Give the alert back to the queue; its escalation begins anew."""
    return acting.on(alert_id, handing.leave, seen.version)


@router.get("/{alert_id}/colleagues")
def get_colleagues(viewer: ViewerDep, db: ReadDep, alert_id: str) -> list[ColleagueOut]:
    """List who the alert can be forwarded to."""
    return [ColleagueOut.model_validate(one) for one in handing.colleagues_of(db, viewer, alert_id)]


@router.post("/{alert_id}/forward")
def post_forward(acting: ActingDep, alert_id: str, wanted: ForwardIn) -> AlertOut:
    """Offer the alert to a colleague. It waits in the queue until they, or anybody, take it."""
    return acting.on(alert_id, handing.forward, wanted.version, wanted.to)


@router.post("/{alert_id}/still-on-it")
def post_still_on_it(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Say that one still has the alert, whether or not one was asked."""
    return acting.on(alert_id, handing.still_on_it, seen.version)


@router.post("/{alert_id}/reopen")
def post_reopen(acting: ActingDep, alert_id: str) -> AlertOut:
    """Undo a close, for half an hour. 409 when it is too late."""
    return acting.on(alert_id, handing.reopen)


@router.post("/{alert_id}/confirm-no-visit")
def post_confirm_no_visit(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Agree, as a second person, that a repeated call needs no visit. 409 when there is nothing to agree to."""
    return acting.on(alert_id, handing.confirm_no_visit, seen.version)


@router.post("/{alert_id}/shown")
def post_shown(acting: ActingDep, alert_id: str) -> AlertOut:
    """Tell that a page has shown the alert to a person; only the first time counts."""
    return acting.on(alert_id, service.shown)


@router.post("/shown", status_code=204)
def post_all_shown(acting: ActingDep, seen: ShownIn) -> None:
    """Tell that a page has shown these alerts to a person; of each only the first time counts."""
    acting.on_each(seen.alerts, service.shown)


def _alert_out(alert: AlertView) -> AlertOut:
    fields = {name: getattr(alert, name) for name in AlertOut.model_fields if hasattr(alert, name)}
    who = alert.resident_id
    fields["resident"] = None if who is None else PersonRef(id=who, name=alert.resident_name)
    fields["together"] = [CompanionOut.model_validate(one) for one in alert.together]
    fields["why"] = [reason.as_json() for reason in alert.why]
    fields["log"] = [asdict(line) for line in alert.log]
    return AlertOut(**fields)
