"""The board of devices: what is wrong with which, who is at risk by it, and what was last proven to hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import defer, load_only
from sqlmodel import Session, col, func, or_, select

from server.access.service import Viewer
from server.alerting.rules import AlertKind, Outcome
from server.alerting.tables import AlertRow
from server.board.faults import faults_of_gateway, faults_of_sensor
from server.board.marks import KEEPERS, marks_in
from server.board.rules import (
    Device,
    Fault,
    Found,
    Mark,
    MarkKind,
    Risk,
    battery_lasts,
    holds,
    is_useless,
    risks,
    urgency,
)  # fmt: skip
from server.detection.tables import BABBLES, Equipment
from server.errors import NotFoundError
from server.liveness.rules import PROOF_LASTS
from server.liveness.tables import BatteryDay
from server.residents.tables import Gateway, Home, Resident, Sensor

# Fuller ones are no matter for a board of faults.
_FORECAST_BELOW = 60.0
_SOON = timedelta(weeks=8)
_OF_GATEWAY = ("code", "home_id", "last_heard_at", "deaf_since", "clock_synced")
_OF_BATTERY = ("address", "home_id", "room", "kinds", "battery_percent")
_FELL_WITHIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault, since when, and what people say of it. A snooze is the only one that moves it."""

    fault: Fault
    since: datetime | None
    marks: tuple[Mark, ...] = ()

    @property
    def is_snoozed(self) -> bool:
        """Whether somebody answers for it until a time."""
        return any(mark.kind is MarkKind.SNOOZE for mark in self.marks)


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A gateway (`room` and `kinds` empty) or a sensor with its faults, the gravest first.

    `proven_at`: of a gateway, when it was last heard; of a sensor, when a fact of it was last stored here.
    """

    id: str
    room: str
    kinds: tuple[str, ...]
    last_heard_at: datetime | None
    proven_at: datetime | None
    battery_percent: float | None
    faults: tuple[FaultView, ...]


@dataclass(frozen=True, slots=True)
class HomeBoard:
    """A home with its devices that are at fault. `risks`: why somebody there is at risk by it, the gravest first."""

    home: str
    address: str
    time_zone: str
    residents: tuple[str, ...]
    risks: tuple[Risk, ...]
    devices: tuple[DeviceView, ...]

    @property
    def is_snoozed(self) -> bool:
        """Whether somebody answers for all of it."""
        return all(fault.is_snoozed for device in self.devices for fault in device.faults)


@dataclass(frozen=True, slots=True)
class BatteryView:
    """A battery that will be empty within weeks. `lasts`: so long, by the line of its last months."""

    sensor_id: str
    home: str
    address: str
    room: str
    kinds: tuple[str, ...]
    percent: float
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class DeviceBoard:
    """The board: homes with faults, who is at risk first; those somebody answers for last. And how many are well."""

    homes: tuple[HomeBoard, ...]
    homes_in_all: int
    devices_in_all: int
    devices_at_fault: int
    batteries: tuple[BatteryView, ...]


def device_board(db: Session, viewer: Viewer, now: datetime, patience: timedelta) -> DeviceBoard:
    """Return the board of the viewer's units. `patience`: how long a gateway may be silent.

    Raises:
        NotAllowedError: relatives and residents do not see it.
    """
    viewer.may(*KEEPERS)
    homes = {home.home_id or 0: home for home in db.exec(select(Home).where(col(Home.unit_id).in_(viewer.units))).all()}
    ordered = _ordered(db, homes, now, patience)
    sensors, gateways = (
        db.exec(select(func.count()).select_from(table).where(col(table.home_id).in_(homes))).one()
        for table in (Sensor, Gateway)
    )
    return DeviceBoard(
        homes=tuple(ordered),
        homes_in_all=len(homes),
        devices_in_all=sensors + gateways,
        devices_at_fault=sum(len(one.devices) for one in ordered),
        batteries=_batteries(db, homes, now),
    )


def homes_at_risk(db: Session, homes: Mapping[int, Home], now: datetime, patience: timedelta) -> list[HomeBoard]:
    """Return which of these homes (by number) have faults that put somebody at risk, as the board orders them."""
    return [one for one in _ordered(db, homes, now, patience) if one.risks]


def home_named(db: Session, viewer: Viewer, code: str) -> Home:
    """Return a home of the viewer's units.

    Raises:
        NotAllowedError: relatives and residents do not see its devices.
        NotFoundError: there is none of that name in the viewer's units.
    """
    viewer.may(*KEEPERS)
    home = db.exec(select(Home).where(Home.code == code, col(Home.unit_id).in_(viewer.units))).first()
    if home is None:
        raise NotFoundError("home")
    return home


def lasts_in(db: Session, home: Home, now: datetime) -> dict[str, timedelta]:
    """Return how long the batteries of a home's sensors (by address) will last, of those of which it is known."""
    sensors = db.exec(select(Sensor).where(Sensor.home_id == home.home_id)).all()
    lasts = _lasts_by_sensor(db, sensors, now)
    return {one.address: lasts[one.sensor_id or 0] for one in sensors if one.sensor_id in lasts}


def _ordered(db: Session, homes: Mapping[int, Home], now: datetime, patience: timedelta) -> list[HomeBoard]:
    devices = _at_fault(db, homes, now, patience)
    marked = _all_with_marks(devices, marks_in(db, list(devices), now), now)
    boards = _boards(db, homes, marked, now, patience)
    return sorted(boards, key=lambda one: (one.is_snoozed, urgency(one.risks, _found(one.devices), now), one.home))


def _at_fault(
    db: Session, homes: Mapping[int, Home], now: datetime, patience: timedelta
) -> dict[int, list[DeviceView]]:
    found: dict[int, list[DeviceView]] = defaultdict(list)
    # What gateways and sensors tell of themselves is long, and read only at their own home.
    of_gateways = load_only(*(getattr(Gateway, name) for name in _OF_GATEWAY))
    doubts = or_(
        col(Gateway.last_heard_at).is_(None),
        col(Gateway.last_heard_at) < now - patience,
        col(Gateway.deaf_since).is_not(None),
        col(Gateway.clock_synced).is_(False),
    )
    gateways = select(Gateway).options(of_gateways).where(col(Gateway.home_id).in_(homes), doubts)
    for gateway in db.exec(gateways.order_by(Gateway.code)):
        _add(found, gateway.home_id, _gateway_view(gateway, now, patience))
    suspected = _suspects(db, homes)
    for sensor in db.exec(_doubtful(homes, suspected, now)):
        _add(found, sensor.home_id, _sensor_view(sensor, suspected.get(sensor.home_id, ()), now))
    return found


def _add(found: dict[int, list[DeviceView]], home_id: int, device: DeviceView) -> None:
    if device.faults:
        found[home_id].append(device)


Suspects = Sequence[Sequence[object]]


def _suspects(db: Session, home_ids: Collection[int]) -> dict[int, Suspects]:
    """Return what the detector holds against sensors, for each home that has any such."""
    rows = db.exec(select(Equipment.home_id, Equipment.suspected).where(col(Equipment.home_id).in_(home_ids)))
    return {home_id: suspected for home_id, suspected in rows if suspected}


def _doubtful(homes: Collection[int], suspected: Collection[int], now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as in overview.service
    """Return the sensors that may have a fault: of most there is nothing to say, so they are not even read."""
    doubts = or_(
        col(Sensor.silent_since).is_not(None),
        col(Sensor.battery_low_since).is_not(None),
        col(Sensor.weak_since).is_not(None),
        col(Sensor.last_proven_at).is_(None),
        col(Sensor.last_proven_at) < now - PROOF_LASTS,
        col(Sensor.home_id).in_(suspected),
    )
    wanted = select(Sensor).options(defer(Sensor.troubles), defer(Sensor.home_assistant_entities))  # type: ignore[arg-type]
    return wanted.where(col(Sensor.home_id).in_(homes), doubts).order_by(Sensor.room, Sensor.address)


def _gateway_view(gateway: Gateway, now: datetime, patience: timedelta) -> DeviceView:
    """Return a gateway with its faults."""
    faults = _views(faults_of_gateway(gateway, now, patience))
    return DeviceView(gateway.code, "", (), gateway.last_heard_at, gateway.last_heard_at, None, faults)


def _sensor_view(sensor: Sensor, suspected: Suspects, now: datetime) -> DeviceView:
    """Return a sensor with its faults. `suspected`: what the detector holds against sensors of its home."""
    meant = {sensor.reads_as.get(kind, kind) for kind in sensor.kinds}
    against = [state for kind, room, _, state in suspected if kind in meant and room == sensor.room]
    suspect = (Fault.BABBLES if against[0] == BABBLES else Fault.SEES_NOTHING) if against else None
    faults = _views(faults_of_sensor(sensor, suspect, now))
    return DeviceView(
        sensor.address, sensor.room, tuple(sensor.kinds), sensor.last_heard_at, sensor.last_proven_at,
        sensor.battery_percent, faults,
    )  # fmt: skip


def _views(found: Iterable[Found]) -> tuple[FaultView, ...]:
    order = list(Fault)
    return tuple(FaultView(one.fault, one.since) for one in sorted(found, key=lambda one: order.index(one.fault)))


def _all_with_marks(
    devices: Mapping[int, list[DeviceView]], marks: Mapping[str, list[Mark]], now: datetime
) -> dict[int, tuple[DeviceView, ...]]:
    return {home_id: tuple(_with_marks(one, marks, now) for one in ones) for home_id, ones in devices.items()}


def _with_marks(device: DeviceView, marks: Mapping[str, list[Mark]], now: datetime) -> DeviceView:
    """Return a device with what people say of its faults, as far as it still holds."""
    said = marks.get(device.id, ())
    faults = tuple(
        replace(one, marks=tuple(mark for mark in said if holds(mark, Found(one.fault, one.since), now)))
        for one in device.faults
    )
    return replace(device, faults=faults)


def _found(devices: Iterable[DeviceView]) -> list[Found]:
    return [Found(fault.fault, fault.since) for device in devices for fault in device.faults]


def _boards(
    db: Session,
    homes: Mapping[int, Home],
    devices: Mapping[int, tuple[DeviceView, ...]],
    now: datetime,
    patience: timedelta,
) -> list[HomeBoard]:
    useless = {home for home, ones in devices.items() if is_useless(_found(ones))}
    at_risk = _risks(db, useless, devices, now, patience)
    names: dict[int, list[str]] = defaultdict(list)
    who = select(Resident.home_id, Resident.name).where(col(Resident.home_id).in_(devices)).order_by(Resident.name)
    for home_id, name in db.exec(who):
        names[home_id].append(name)
    return [
        HomeBoard(
            homes[home_id].code, homes[home_id].address, homes[home_id].time_zone, tuple(names[home_id]),
            at_risk.get(home_id, ()), ones,
        )
        for home_id, ones in devices.items()
    ]  # fmt: skip


def _risks(
    db: Session,
    home_ids: Collection[int],
    devices: Mapping[int, tuple[DeviceView, ...]],
    now: datetime,
    patience: timedelta,
) -> dict[int, tuple[Risk, ...]]:
    """Return why somebody is at risk in these homes, where some device helps nobody."""
    if not home_ids:
        return {}
    broken = {device.id for home_id in home_ids for device in devices[home_id] if is_useless(_found([device]))}
    sensors: dict[int, list[Device]] = defaultdict(list)
    for home_id, address, kinds in db.exec(
        select(Sensor.home_id, Sensor.address, Sensor.kinds).where(col(Sensor.home_id).in_(home_ids))
    ):
        sensors[home_id].append(Device(frozenset(kinds), works=address not in broken))
    heard = select(Gateway.home_id).where(
        col(Gateway.home_id).in_(home_ids), col(Gateway.last_heard_at) >= now - patience,
        col(Gateway.deaf_since).is_(None),
    )  # fmt: skip
    fallen = (
        select(Resident.home_id)
        .join(AlertRow, col(AlertRow.resident_id) == Resident.resident_id)
        .where(
            col(Resident.home_id).in_(home_ids), AlertRow.kind == AlertKind.FALL,
            AlertRow.outcome == Outcome.REAL_EVENT, AlertRow.raised_at >= now - _FELL_WITHIN,
        )
    )  # fmt: skip
    is_heard, fell = set(db.exec(heard)), set(db.exec(fallen))
    return {home: risks(sensors[home], is_heard=home in is_heard, fell=home in fell) for home in home_ids}


def _lasts_by_sensor(db: Session, sensors: Sequence[Sensor], now: datetime) -> dict[int, timedelta]:
    """Return how long the batteries of sensors (by number) will last, of those of which it is known."""
    left = {sensor.sensor_id or 0: sensor.battery_percent for sensor in sensors if sensor.battery_percent is not None}
    days: dict[int, list[tuple[date, float]]] = defaultdict(list)
    for row in db.exec(select(BatteryDay).where(col(BatteryDay.sensor_id).in_(left)).order_by(col(BatteryDay.day))):
        days[row.sensor_id].append((row.day, row.percent))
    today = now.date()
    found = {number: battery_lasts([*days[number], (today, left[number])], today) for number in days}
    return {number: lasts for number, lasts in found.items() if lasts is not None}


def _batteries(db: Session, homes: Mapping[int, Home], now: datetime) -> tuple[BatteryView, ...]:
    wanted = (
        select(Sensor)
        .options(load_only(*(getattr(Sensor, name) for name in _OF_BATTERY)))
        .where(
            col(Sensor.home_id).in_(homes),
            col(Sensor.battery_percent) <= _FORECAST_BELOW,
            col(Sensor.sensor_id).in_(select(BatteryDay.sensor_id)),
        )
    )
    sensors = db.exec(wanted.order_by(Sensor.address)).all()
    lasts = _lasts_by_sensor(db, sensors, now)
    views = [
        BatteryView(
            one.address, homes[one.home_id].code, homes[one.home_id].address, one.room, tuple(one.kinds),
            one.battery_percent or 0.0, lasts[one.sensor_id or 0],
        )
        for one in sensors
        if lasts.get(one.sensor_id or 0, _SOON) < _SOON
    ]  # fmt: skip
    return tuple(sorted(views, key=lambda one: one.lasts))
