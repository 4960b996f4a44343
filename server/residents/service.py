"""Looking up homes, sensors and gateways."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import SensorKind
from server.db.types import UtcDateTime
from server.residents.tables import Gateway, Home, Resident, Sensor, new_mark

# Made once: this is asked for every message of ten thousand homes.
_ADDRESSES = select(Sensor.home_id, Sensor.address, Sensor.sensor_id).where(
    col(Sensor.home_id).in_(bindparam("home_ids", expanding=True))
)
_PROVE = (
    update(Sensor)
    .where(col(Sensor.sensor_id) == bindparam("number"))
    .where(
        col(Sensor.last_proven_at).is_(None) | (col(Sensor.last_proven_at) < bindparam("moment", type_=UtcDateTime()))
    )
    .values(last_proven_at=bindparam("moment", type_=UtcDateTime()))
)

_ROOMS = select(Sensor.sensor_id, Sensor.room).where(col(Sensor.sensor_id).in_(bindparam("sensor_ids", expanding=True)))

# Sensors that still hang where they are said to.
HANGS = col(Sensor.removed_at).is_(None)


def config_of(db: Session, gateway: Gateway) -> HomeConfig:
    """Return what a gateway must know about its home."""
    sensors = db.exec(select(Sensor).where(Sensor.home_id == gateway.home_id, HANGS).order_by(Sensor.address)).all()
    return HomeConfig(
        version=gateway.config_version,
        mark=gateway.config_mark,
        gateway_id=gateway.code,
        sensors=tuple(_sensor_config(s) for s in sensors),
    )


def _sensor_config(sensor: Sensor) -> SensorConfig:
    meanings = {SensorKind(measured): SensorKind(meant) for measured, meant in sensor.reads_as.items()}
    return SensorConfig(
        sensor_id=sensor.address,
        room=sensor.room,
        bind_key=sensor.bind_key,
        reads_as=meanings,
        count_renewed=sensor.count_renewed,
        shown_in_home_assistant=tuple(SensorKind(kind) for kind in sensor.shown_in_home_assistant),
        home_assistant_entities={name: SensorKind(kind) for name, kind in sensor.home_assistant_entities.items()},
    )


def renew_config(gateway: Gateway, above: int = 0) -> None:
    """Give a gateway's configuration a higher version, above `above` too, and another mark. Who listens is not told."""
    gateway.config_version = max(gateway.config_version, above) + 1
    gateway.config_mark = new_mark()


def gateways_of(db: Session, home_id: int) -> list[Gateway]:
    """Return a home's gateways, locked."""
    return list(db.exec(select(Gateway).where(Gateway.home_id == home_id).order_by(Gateway.code).with_for_update()))


def gateway_named(db: Session, code: str) -> Gateway | None:
    """Return the gateway of that name on the wire, or None."""
    return db.exec(select(Gateway).where(Gateway.code == code)).first()


def gateways_named(db: Session, codes: Collection[str]) -> dict[str, Gateway]:
    """Return the gateways of these names on the wire, locked in one order for all."""
    wanted = select(Gateway).where(col(Gateway.code).in_(codes)).order_by(col(Gateway.gateway_id))
    return {gateway.code: gateway for gateway in db.exec(wanted.with_for_update())}


def gateway_codes(db: Session) -> list[str]:
    """Return the name of every gateway."""
    return list(db.exec(select(Gateway.code).order_by(Gateway.code)))


def sensors_by_address(db: Session, home_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """Return the numbers of these homes' sensors by (home, BLE address)."""
    rows = db.connection().execute(_ADDRESSES, {"home_ids": list(home_ids)})
    return {(home_id, address): number for home_id, address, number in rows}


def sensors_of(db: Session, home_ids: Collection[int]) -> list[Sensor]:
    """Return the sensors of these homes by their address."""
    return list(db.exec(select(Sensor).where(col(Sensor.home_id).in_(home_ids), HANGS).order_by(Sensor.address)))


def rooms_of(db: Session, sensor_ids: Collection[int]) -> dict[int, str]:
    """Return where sensors hang, by their numbers."""
    rows = db.connection().execute(_ROOMS, {"sensor_ids": list(sensor_ids)})
    return {row.sensor_id: row.room for row in rows}


def note_proofs(db: Session, proofs: Mapping[int, datetime]) -> None:
    """Note when a fact of each sensor (by number) was last stored: its way held then. Older moments are no news."""
    if proofs:
        rows = [{"number": number, "moment": moment} for number, moment in sorted(proofs.items())]
        db.connection().execute(_PROVE, rows)


def residents_of(db: Session, home_id: int) -> list[Resident]:
    """Return who lives in a home."""
    return list(db.exec(select(Resident).where(Resident.home_id == home_id)))


def residents_in(db: Session, home_ids: Collection[int]) -> list[Resident]:
    """Return who lives in these homes."""
    return list(db.exec(select(Resident).where(col(Resident.home_id).in_(home_ids))))


def home_of(db: Session, home_id: int) -> Home:
    """Return a home that is known to be there."""
    return db.get_one(Home, home_id)
