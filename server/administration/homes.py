"""Homes as administrators keep them: who lives there, which sensors hang where, and how its gateway is enrolled."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, func, select

from server.access.service import Viewer
from server.access.tables import Role, Unit
from server.audit.service import append
from server.enrolment import service as enrolment
from server.enrolment.tables import EnrolmentCode
from server.errors import NotFoundError, UnfitError
from server.live.service import changed
from server.provisioning import HomeIn, Provisioning, SensorIn, provision
from server.residents.service import gateways_of, renew_config, sensors_of
from server.residents.tables import Gateway, Home, Resident, Sensor


@dataclass(frozen=True, slots=True)
class HomeView:
    """A home. `resident` and `name` are empty, and `birth_year` None, for a common room, which is nobody's.

    `code_until`: how long its gateway's open enrolment code holds; None: there is none.
    """

    code: str
    address: str
    time_zone: str
    unit: str
    unit_name: str
    resident: str
    name: str
    birth_year: int | None
    phone: str
    gateway: str
    enrolled_at: datetime | None
    revoked_at: datetime | None
    last_heard_at: datetime | None
    code_until: datetime | None
    sensors: tuple[Sensor, ...]


@dataclass(frozen=True, slots=True)
class WantedHome:
    """What a home and who lives there are to be, as typed. Without a name it is a common room, which is nobody's."""

    address: str
    unit: str
    name: str
    birth_year: str
    phone: str = ""
    time_zone: str = "Europe/Oslo"


@dataclass(frozen=True, slots=True)
class WantedSensor:
    """What a sensor is to be, as typed. `address`: as it stands on it, colons or not."""

    address: str
    room: str
    kinds: tuple[str, ...]
    bind_key: str = ""


def list_homes(db: Session, viewer: Viewer) -> list[HomeView]:
    """Return the homes of the viewer's units by the name of who lives there.

    Raises:
        NotAllowedError: only administrators may.
    """
    return _views(db, viewer, None)


def find_home(db: Session, viewer: Viewer, code: str, now: datetime) -> HomeView:
    """Return one home. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotAllowedError: only administrators may.
        NotFoundError: there is none of that code in the viewer's units.
    """
    home = _home(db, viewer, code)
    [view] = _views(db, viewer, home.code)
    about = f"resident:{view.resident}" if view.resident else f"home:{home.code}"
    append(db, at=now, who=viewer.audit_name, what="looked at", about=about, why="administration")
    return view


def make_home(db: Session, viewer: Viewer, wanted: WantedHome, now: datetime) -> str:
    """Make a home with its resident and a gateway that waits for its enrolment; return its code. Audited.

    Raises:
        NotAllowedError: only administrators may.
        UnfitError: it cannot be made so; by field.
    """
    viewer.may(Role.ADMIN)
    mark = secrets.token_hex(6)
    is_test = _is_test(db, viewer)
    told = _told(db, viewer, wanted, (f"home-{mark}", _new_resident(), f"gw-{mark}"), is_test=is_test)
    _keep(db, told, is_test=is_test)
    append(db, at=now, who=viewer.audit_name, what="home made", about=f"home:home-{mark}")
    return f"home-{mark}"


def change_home(db: Session, viewer: Viewer, code: str, wanted: WantedHome, now: datetime) -> None:
    """Change a home's address or unit, or who is noted as living there. Audited. Raises as `make_home`, `find_home`."""
    home = _home(db, viewer, code)
    [view] = _views(db, viewer, home.code)
    if view.name and not wanted.name.strip():
        raise UnfitError({"name": "missing"})
    told = _told(db, viewer, wanted, (home.code, view.resident or _new_resident(), view.gateway), is_test=home.is_test)
    _keep(db, told, is_test=home.is_test)
    append(db, at=now, who=viewer.audit_name, what="home changed", about=f"home:{home.code}")


def keep_sensor(db: Session, viewer: Viewer, code: str, wanted: WantedSensor, now: datetime) -> None:
    """Add a sensor to a home, or change where it hangs and what it measures. Its gateway is told. Audited.

    Raises:
        NotAllowedError, NotFoundError: as `find_home`.
        UnfitError: it cannot be kept so; by field. A sensor of another home must be removed there first.
    """
    home = _home(db, viewer, code)
    [view] = _views(db, viewer, home.code)
    sensor = _sensor_in(wanted)
    there = db.exec(select(Sensor).where(Sensor.address == sensor.sensor_id)).first()
    if there is not None and there.home_id != home.home_id:
        raise UnfitError({"address": "elsewhere"})
    if there is not None:
        # What is not on the form stays as it is.
        kept = ("reads_as", "shown_in_home_assistant", "home_assistant_entities", "expected_interval_s")
        sensor = sensor.model_copy(update={name: getattr(there, name) for name in kept})
        sensor = sensor.model_copy(update={"bind_key": sensor.bind_key or there.bind_key})
    as_it_is = WantedHome(view.address, view.unit, view.name, str(view.birth_year), view.phone, view.time_zone)
    told = _told(db, viewer, as_it_is, (home.code, view.resident, view.gateway), is_test=home.is_test)
    _keep(db, told.model_copy(update={"sensors": (sensor,)}), is_test=home.is_test)
    append(db, at=now, who=viewer.audit_name, what="sensor kept", about=f"sensor:{sensor.sensor_id}", why=home.code)


def remove_sensor(db: Session, viewer: Viewer, code: str, address: str, now: datetime) -> None:
    """Take a sensor out of a home: its gateway hears it no longer. What it told stays. Raises as `find_home`."""
    home = _home(db, viewer, code)
    row = _sensor(db, home, address)
    row.removed_at, row.due_at, row.silent_since = now, None, None
    row.battery_percent = row.battery_low_since = row.weak_since = None
    # Its address is free again, for this home or another one.
    row.address = f"removed-{row.sensor_id}"
    db.add(row)
    _tell_gateways(db, home)
    append(db, at=now, who=viewer.audit_name, what="sensor removed", about=f"sensor:{address}", why=home.code)


def replace_sensor(db: Session, viewer: Viewer, code: str, address: str, wanted: WantedSensor, now: datetime) -> None:
    """Put another sensor in the place of one: the same room, and what is learned of it goes on. Audited.

    Raises:
        NotAllowedError, NotFoundError: as `find_home`.
        UnfitError: the new address is none, or is another sensor's.
    """
    home = _home(db, viewer, code)
    row = _sensor(db, home, address)
    new = _sensor_in(WantedSensor(wanted.address, row.room, tuple(row.kinds), wanted.bind_key))
    if db.exec(select(Sensor).where(Sensor.address == new.sensor_id)).first() is not None:
        raise UnfitError({"address": "taken"})
    row.address, row.bind_key, row.count_renewed = new.sensor_id, new.bind_key, 0
    row.last_heard_at = row.last_proven_at = row.battery_percent = row.rssi_dbm = None
    row.due_at = row.silent_since = row.battery_low_since = row.weak_since = None
    row.troubles = {}
    db.add(row)
    _tell_gateways(db, home)
    append(db, at=now, who=viewer.audit_name, what="sensor replaced", about=f"sensor:{address}", why=new.sensor_id)


def new_code(db: Session, viewer: Viewer, code: str, now: datetime) -> str:
    """Return a new one-time code by which the home's gateway is enrolled. Audited. Raises as `find_home`."""
    home = _home(db, viewer, code)
    return enrolment.new_code(db, _gateway(db, home).code, now, viewer.audit_name)


def revoke(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """Take the right to speak from the home's gateway, lost or stolen. Audited. Raises as `find_home`."""
    home = _home(db, viewer, code)
    enrolment.revoke(db, _gateway(db, home).code, now, viewer.audit_name)


def _views(db: Session, viewer: Viewer, code: str | None) -> list[HomeView]:
    viewer.may(Role.ADMIN)
    wanted = (
        select(Home, Resident, Gateway, Unit)
        .outerjoin(Resident, col(Resident.home_id) == Home.home_id)
        .join(Gateway, col(Gateway.home_id) == Home.home_id)
        .join(Unit, col(Unit.unit_id) == Home.unit_id)
        .where(col(Home.unit_id).in_(viewer.units))
    )
    rows = db.exec(
        (wanted if code is None else wanted.where(Home.code == code)).order_by(Resident.name, Home.address)
    ).all()
    hang: dict[int, list[Sensor]] = {}
    for sensor in sensors_of(db, [home.home_id or 0 for home, *_ in rows]):
        hang.setdefault(sensor.home_id, []).append(sensor)
    codes = select(EnrolmentCode).where(col(EnrolmentCode.gateway_id).in_([row[2].gateway_id for row in rows]))
    open_until = {one.gateway_id: one.ends_at for one in db.exec(codes)}
    return [_view(row, hang.get(row[0].home_id or 0, []), open_until.get(row[2].gateway_id or 0)) for row in rows]


def _view(
    row: tuple[Home, Resident | None, Gateway, Unit], sensors: Sequence[Sensor], code_until: datetime | None
) -> HomeView:
    home, resident, gateway, unit = row
    return HomeView(
        code=home.code,
        address=home.address,
        time_zone=home.time_zone,
        unit=unit.code,
        unit_name=unit.name,
        resident="" if resident is None else resident.code,
        name="" if resident is None else resident.name,
        birth_year=None if resident is None else resident.birth_year,
        phone="" if resident is None else resident.phone,
        gateway=gateway.code,
        enrolled_at=gateway.enrolled_at,
        revoked_at=gateway.revoked_at,
        last_heard_at=gateway.last_heard_at,
        code_until=code_until,
        sensors=tuple(sorted(sensors, key=lambda one: (one.room, one.address))),
    )


def _home(db: Session, viewer: Viewer, code: str) -> Home:
    viewer.may(Role.ADMIN)
    home = db.exec(select(Home).where(Home.code == code, col(Home.unit_id).in_(viewer.units))).first()
    if home is None:
        raise NotFoundError("home")
    return home


def _sensor(db: Session, home: Home, address: str) -> Sensor:
    wanted = select(Sensor).where(Sensor.address == address, Sensor.home_id == home.home_id)
    row = db.exec(wanted.where(col(Sensor.removed_at).is_(None)).with_for_update()).first()
    if row is None:
        raise NotFoundError("sensor")
    return row


def _gateway(db: Session, home: Home) -> Gateway:
    return db.exec(select(Gateway).where(Gateway.home_id == home.home_id).order_by(Gateway.code)).one()


def _tell_gateways(db: Session, home: Home) -> None:
    for gateway in gateways_of(db, home.home_id or 0):
        renew_config(gateway)
        db.add(gateway)
        changed(db, home.unit_id, "config", gateway.code)


def _new_resident() -> str:
    return f"res-{secrets.token_hex(6)}"


def _is_test(db: Session, viewer: Viewer) -> bool:
    """Tell whether a new home is a test home: where the viewer's units have no others."""
    kinds = db.exec(select(Home.is_test).where(col(Home.unit_id).in_(viewer.units)).group_by(col(Home.is_test))).all()
    return list(kinds) == [True]


def _told(db: Session, viewer: Viewer, wanted: WantedHome, codes: tuple[str, str, str], *, is_test: bool) -> HomeIn:
    faults: dict[str, str] = {}
    is_theirs = (
        select(func.count()).select_from(Unit).where(Unit.code == wanted.unit, col(Unit.unit_id).in_(viewer.units))
    )
    if not db.exec(is_theirs).one():
        faults["unit"] = "no_unit"
    if not wanted.address.strip():
        faults["address"] = "missing"
    try:
        told = HomeIn.model_validate(_as_json(wanted, codes, is_test=is_test))
    except ValidationError as error:
        raise UnfitError({str(one["loc"][-1]): "unfit" for one in error.errors()} | faults) from None
    if faults:
        raise UnfitError(faults)
    return told


def _as_json(wanted: WantedHome, codes: tuple[str, str, str], *, is_test: bool) -> dict[str, Any]:
    home, resident, gateway = codes
    lives = {
        "code": resident,
        "name": wanted.name.strip(),
        "birth_year": wanted.birth_year,
        "phone": wanted.phone.strip(),
    }
    return {
        "code": home,
        "unit": wanted.unit,
        "address": wanted.address.strip(),
        "time_zone": wanted.time_zone,
        "test": is_test,
        "resident": lives if wanted.name.strip() else None,
        "gateway_id": gateway,
        "sensors": (),
    }


def _sensor_in(wanted: WantedSensor) -> SensorIn:
    plain = "".join(sign for sign in wanted.address.lower() if sign not in ":- ")
    try:
        return SensorIn.model_validate(
            {
                "sensor_id": plain,
                "room": wanted.room.strip().lower().replace(" ", "_"),
                "kinds": wanted.kinds,
                "bind_key": wanted.bind_key.strip().lower() or None,
            }
        )
    except ValidationError as error:
        names = {"sensor_id": "address"}
        raise UnfitError(
            {names.get(str(one["loc"][0]), str(one["loc"][0])): "unfit" for one in error.errors()}
        ) from None


def _keep(db: Session, told: HomeIn, *, is_test: bool) -> None:
    provision(db, Provisioning(units=(), homes=(told,)), test_mode=is_test)
