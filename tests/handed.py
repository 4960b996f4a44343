"""Alerts of one home as tests raise them and people move them."""

from datetime import datetime

from builders import T0, FakeGateway, alerts, send
from sqlmodel import select

from server.alerting.rules import AlertKind, Outcome
from server.alerting.service import Ending, Raised, raise_in_home
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.residents.tables import Home

FALSE = Ending(Outcome.FALSE_ALARM)


def press(database: Database, at: datetime = T0) -> AlertRow:
    """The button of home-a is pressed; return the newest alert."""
    gateway = FakeGateway(epoch=f"{int(at.timestamp()):08x}")
    send(database, gateway.batch([gateway.press(at)]), at)
    return alerts(database)[-1]


def notice(database: Database, kind: AlertKind, at: datetime) -> AlertRow:
    """Something else is noticed in the home of the first alert."""
    with database.transaction() as db:
        home_id = db.exec(select(Home.home_id).where(Home.code == "home-a")).one() or 0
        raise_in_home(db, home_id, Raised(kind, at, at), at)
    return alerts(database)[-1]


def do(database: Database, act: object, *args: object) -> AlertRow:
    """Act in one transaction; return the first alert as it then is."""
    with database.transaction() as db:
        act(db, *args)  # type: ignore[operator]
    return alerts(database)[0]
