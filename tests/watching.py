"""A detector at work: things reach the server, and it looks."""

from collections.abc import Sequence
from datetime import datetime

from builders import (
    PATIENCE,
    FakeGateway,
    send,
    viewer,
)  # fmt: skip

from gateway.contract.observation import Observation
from server.db.session import Database
from server.detection.service import look_at_due
from server.overview.rules import Status
from server.overview.service import list_residents


def look(database: Database, now: datetime) -> None:
    """Look until nothing is due."""
    while look_at_due(database, now, PATIENCE):
        pass


def hear(database: Database, gateway: FakeGateway, now: datetime, **different: object) -> None:
    """A heartbeat comes, and the detector looks."""
    send(database, gateway.heartbeat(now, **different), now)
    look(database, now)


def tell(database: Database, gateway: FakeGateway, facts: Sequence[Observation], now: datetime) -> None:
    """Facts come, and the detector looks."""
    send(database, gateway.batch(facts), now)
    look(database, now)


def status(database: Database, now: datetime) -> Status:
    """Return how the resident of home-a is, as a nurse sees it."""
    who = viewer(database, "maria")
    with database.reading() as db:
        return next(one.status for one in list_residents(db, who, now, PATIENCE) if one.id == "res-a")
