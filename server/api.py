"""The JSON API: everything a page does can be done here."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind
from server.access.api import NowDep, SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.alerting import service as alerting
from server.alerting.rules import Outcome
from server.alerting.service import Ending
from server.alerting.views import PAGE, AlertView, get_alert, list_alerts
from server.db.session import DatabaseDep, ReadDep
from server.errors import NotFoundError
from server.ingest import quarantine
from server.liveness.service import list_gateways
from server.observations.service import count_by_stream, streams_of
from server.observations.tables import StreamRow
from server.overview.service import VITALS_SHOWN, DayView, ResidentView, get_resident, get_vitals, list_residents
from server.residents.service import sensors_of
from server.residents.tables import Gateway, Home, Sensor
from server.vitals.rules import CODES
from server.vitals.service import StoredVital

router = APIRouter(prefix="/api", tags=["service"])


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
    resident: PersonRef
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


class SensorOut(BaseModel):
    """A sensor as it was last heard. `proven_at`: when a fact of it last came all the way; a test press renews it."""

    sensor_id: str
    room: str
    kinds: list[str]
    last_heard_at: datetime | None
    silent_since: datetime | None
    proven_at: datetime | None
    rssi_dbm: int | None
    battery_percent: float | None
    troubles: dict[str, int]


class GatewayOut(BaseModel):
    """A gateway and what the server has of it."""

    gateway_id: str
    home: str
    state: Literal["heard", "silent", "never heard"]
    last_heartbeat_at: datetime | None
    knows_until: datetime | None
    waiting: int
    stored: int
    quarantined: int
    streams: list[dict[str, Any]]
    troubles: dict[str, int]
    oldest_waiting_at: datetime | None
    dropped: dict[str, int]
    deaf_since: datetime | None
    deaf_radios: dict[str, str]
    radio_steps: dict[str, int]
    software: str | None
    starts: int
    clock_synced: bool | None
    clock_ahead_s: float | None
    clock_jumps: int
    disk_free_mb: int | None
    enrolled_at: datetime | None
    revoked_at: datetime | None
    sensors: list[SensorOut]


class QuarantineOut(BaseModel):
    """Something that could not be stored."""

    id: int
    received_at: datetime
    topic: str
    reason: str
    payload: str
    times: int


Group = Annotated[Literal["open", "taken", "closed", "all"], Query()]


After = Annotated[
    str | None,
    Query(description="Go on after the alert of this id: the last one of the page before. Its place never changes"),
]
_NEXT_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Link": {"description": "Where the next page is, rel=next (RFC 8288); none on the last one"}}}
}


@router.get("/alerts", responses=_NEXT_PAGE)
def get_alerts(
    viewer: ViewerDep, db: ReadDep, response: Response, group: Group = "open", after: After = None
) -> list[AlertOut]:
    """List the unit's alerts, the gravest and newest first (closed ones: the last closed first), 200 to a page."""
    alerts = list_alerts(db, viewer, group, after)
    if len(alerts) == PAGE:
        response.headers["Link"] = f'</api/alerts?group={group}&after={alerts[-1].id}>; rel="next"'
    return [_alert_out(alert) for alert in alerts]


@router.get("/alerts/{alert_id}")
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


@router.post("/alerts/{alert_id}/take")
def post_take(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Have the alert. 409 when somebody else was first."""
    return acting.on(alert_id, alerting.take, seen.version)


@router.post("/alerts/{alert_id}/on-the-way")
def post_on_the_way(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Be on the way."""
    return acting.on(alert_id, alerting.on_the_way, seen.version)


@router.post("/alerts/{alert_id}/arrived")
def post_arrived(acting: ActingDep, alert_id: str, seen: SeenVersion) -> AlertOut:
    """Be with the resident."""
    return acting.on(alert_id, alerting.arrived, seen.version)


@router.post("/alerts/{alert_id}/close")
def post_close(acting: ActingDep, alert_id: str, ending: EndingIn) -> AlertOut:
    """End the alert with an outcome."""
    return acting.on(alert_id, alerting.close, ending.version, Ending(ending.outcome, ending.note))


@router.post("/alerts/{alert_id}/shown")
def post_shown(acting: ActingDep, alert_id: str) -> AlertOut:
    """Tell that a page has shown the alert to a person; only the first time counts."""
    return acting.on(alert_id, alerting.shown)


@router.get("/residents")
def get_residents(viewer: ViewerDep, db: ReadDep, now: NowDep, settings: SettingsDep) -> list[ResidentView]:
    """List the residents this person may see."""
    return list_residents(db, viewer, now, settings.link_patience)


class ResidentOut(BaseModel):
    """A resident with the last week."""

    resident: ResidentView
    week: tuple[DayView, ...]


@router.get("/residents/{resident_id}")
def get_one_resident(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, resident_id: str
) -> ResidentOut:
    """Show one resident. The look is audited."""
    with database.transaction() as db:
        detail = get_resident(db, viewer, resident_id, now, settings.link_patience)
    return ResidentOut(resident=detail.resident, week=detail.week)


class VitalOut(BaseModel):
    """A value measured on a body. `loinc`, `unit` (UCUM): None where a device measured and no value came of it."""

    kind: SensorKind
    loinc: str | None
    unit: str | None
    value: float | None
    measured_at: datetime
    by_device_clock: bool = Field(description="False: the device's clock told nothing; this is when it was fetched")
    device_user: int | None
    doubts: tuple[Doubt, ...]
    meal: Meal | None
    missed: SensorKind | None = Field(description="What should have come of a measurement without a value")


@router.get("/residents/{resident_id}/vitals")
def get_resident_vitals(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, since: AwareDatetime | None = None
) -> list[VitalOut]:
    """List what was measured of a resident, oldest first; of the last 30 days where nothing else is asked for."""
    with database.transaction() as db:
        vitals = get_vitals(db, viewer, resident_id, since or now - VITALS_SHOWN, now)
    return [_vital_out(vital) for vital in vitals]


def _vital_out(vital: StoredVital) -> VitalOut:
    code = CODES.get(vital.kind)
    return VitalOut(
        kind=vital.kind,
        loinc=code and code.loinc,
        unit=code and code.ucum,
        value=vital.value if code else None,
        measured_at=vital.measured_at,
        by_device_clock=vital.by_device_clock,
        device_user=vital.device_user,
        doubts=vital.doubts,
        meal=vital.meal,
        missed=vital.missed,
    )


@router.get("/gateways")
def get_gateways(viewer: ViewerDep, db: ReadDep) -> list[GatewayOut]:
    """List the unit's gateways with what is stored of each."""
    viewer.may(Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
    return _gateways(db, viewer)


@router.get("/gateways/{gateway_id}")
def get_one_gateway(viewer: ViewerDep, db: ReadDep, gateway_id: str) -> GatewayOut:
    """Show one gateway."""
    viewer.may(Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
    for gateway in _gateways(db, viewer, gateway_id):
        return gateway
    raise NotFoundError("gateway")


@router.get("/quarantine")
def get_quarantine(viewer: ViewerDep, db: ReadDep) -> list[QuarantineOut]:
    """List what could not be stored, newest first."""
    rows = quarantine.list_quarantined(db, viewer)
    return [
        QuarantineOut(
            id=row.quarantine_id or 0,
            received_at=row.received_at,
            topic=row.topic,
            reason=row.reason,
            payload=row.payload.decode(errors="replace"),
            times=row.times,
        )
        for row in rows
    ]


def _alert_out(alert: AlertView) -> AlertOut:
    fields = {name: getattr(alert, name) for name in AlertOut.model_fields if hasattr(alert, name)}
    fields["resident"] = PersonRef(id=alert.resident_id, name=alert.resident_name)
    fields["why"] = [reason.as_json() for reason in alert.why]
    fields["log"] = [asdict(line) for line in alert.log]
    return AlertOut(**fields)


def _gateways(db: ReadDep, viewer: Viewer, only: str | None = None) -> list[GatewayOut]:
    rows = list_gateways(db, viewer, only)
    ids = [gateway.gateway_id or 0 for gateway, _ in rows]
    counts = _Counts(count_by_stream(db, ids), quarantine.count_by_stream(db))
    streams, sensors = defaultdict(list), defaultdict(list)
    for stream in streams_of(db, ids):
        streams[stream.gateway_id].append(stream)
    for sensor in sensors_of(db, {gateway.home_id for gateway, _ in rows}):
        sensors[sensor.home_id].append(_sensor_out(sensor))
    return [
        _gateway_out(
            gateway,
            home,
            [_stream_out(stream, counts) for stream in streams[gateway.gateway_id or 0]],
            sensors[gateway.home_id],
        )
        for gateway, home in rows
    ]


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many facts of each stream there are."""

    stored: dict[int, int]
    refused: dict[int, int]


def _stream_out(stream: StreamRow, counts: _Counts) -> dict[str, Any]:
    number = stream.stream_id or 0
    return {
        "epoch": stream.epoch,
        "stream": stream.stream,
        "up_to_seq": stream.up_to_seq,
        "lost": stream.lost,
        "stored": counts.stored.get(number, 0),
        "quarantined": counts.refused.get(number, 0),
    }


def _gateway_out(gateway: Gateway, home: Home, streams: list[dict[str, Any]], sensors: list[SensorOut]) -> GatewayOut:
    heard = gateway.last_heard_at is not None
    return GatewayOut(
        gateway_id=gateway.code,
        home=home.code,
        state="never heard" if not heard else "heard" if gateway.due_at is not None else "silent",
        last_heartbeat_at=gateway.last_heard_at,
        knows_until=gateway.knows_until,
        waiting=gateway.waiting,
        stored=sum(stream["stored"] for stream in streams),
        quarantined=sum(stream["quarantined"] for stream in streams),
        streams=streams,
        troubles=gateway.troubles,
        sensors=sensors,
        **{name: getattr(gateway, name) for name in _TOLD_AS_IS},
    )


_TOLD_AS_IS = (
    "oldest_waiting_at", "dropped", "deaf_since", "deaf_radios", "radio_steps", "software", "starts", "clock_synced",
    "clock_ahead_s", "clock_jumps", "disk_free_mb", "enrolled_at", "revoked_at",
)  # fmt: skip


def _sensor_out(sensor: Sensor) -> SensorOut:
    return SensorOut(
        sensor_id=sensor.address,
        room=sensor.room,
        kinds=sensor.kinds,
        last_heard_at=sensor.last_heard_at,
        silent_since=sensor.silent_since,
        proven_at=sensor.last_proven_at,
        rssi_dbm=sensor.rssi_dbm,
        battery_percent=sensor.battery_percent,
        troubles=sensor.troubles,
    )
