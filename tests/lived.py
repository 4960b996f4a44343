"""A trace of a life, told to the server as the gateway of home-a would tell it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from builders import MOTION, FakeGateway, send
from sqlmodel import col, delete
from watching import look

from gateway.contract.observation import Observation
from models.trace import Channel, Trace
from server.db.session import Database
from server.residents.tables import Sensor


def move_in(database: Database, channels: Sequence[Channel]) -> None:
    """Let home-a have these sensors and no others."""
    with database.transaction() as db:
        db.exec(delete(Sensor).where(col(Sensor.home_id) == 1))
        db.add_all(
            Sensor(address=_address(number), home_id=1, room=one.room, kinds=[one.kind])
            for number, one in enumerate(channels)
        )


def facts_of(gateway: FakeGateway, trace: Trace, since: int = 0) -> list[Observation]:
    """Return the facts of a trace from `since` (s) on, numbered in their order."""
    rows = zip(trace.at.tolist(), trace.channel.tolist(), trace.value.tolist(), strict=True)
    return [
        gateway.fact(
            MOTION, datetime.fromtimestamp(at, UTC), value, sensor_id=_address(number),
            room=trace.channels[number].room, kind=trace.channels[number].kind,
        )
        for at, number, value in rows
        if at >= since
    ]  # fmt: skip


def bring(database: Database, gateway: FakeGateway, facts: Sequence[Observation], now: datetime) -> None:
    """Let facts reach the server and be looked at."""
    for start in range(0, len(facts), 400):
        send(database, gateway.batch(facts[start : start + 400]), now)
    look(database, now)


def _address(number: int) -> str:
    return f"b0c138{number:06x}"
