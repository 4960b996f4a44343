"""Whatever happens to people, policies, channels and processes: an open alert has a next step, and a time for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
from builders import T0, FakeGateway, send
from fakes.channel import FakeChannel
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres import NewDatabase
from sqlmodel import col, select, update

from server.access.tables import Person
from server.alerting.rules import AlertClass, AlertKind, AlertStatus, LogEvent
from server.alerting.service import Raised, raise_alert
from server.alerting.tables import AlertLogRow, AlertRow
from server.db.session import Database
from server.escalation.auditor import look_over_chain
from server.escalation.faults import fault_of
from server.escalation.rules import AtNight, Policy, QuietHours, Step, Who
from server.escalation.service import ask_holders, escalate_due
from server.escalation.stored import quiet_json, steps_json
from server.escalation.tables import EscalationRow, PolicyRow
from server.escalation.views import next_step
from server.notifications.dispatch import dispatch_due
from server.notifications.tables import NotificationRow
from server.residents.tables import Resident


@dataclass
class World:
    """A service that is lived in."""

    database: Database
    channel: FakeChannel
    now: datetime = T0

    def run(self) -> None:
        """Do what the respond role does."""
        while escalate_due(self.database, self.now):
            pass
        dispatch_due(self.database, {"app": self.channel}, self.now)
        while ask_holders(self.database, self.now):
            pass
        look_over_chain(self.database, self.now)
        while escalate_due(self.database, self.now):
            pass


Event = Callable[[World], None]
pytestmark = pytest.mark.timeout(400)


def press(letter: str) -> Event:
    def happens(world: World) -> None:
        gateway = FakeGateway(letter, epoch=f"{int(world.now.timestamp()):08x}")
        send(world.database, gateway.batch([gateway.press(world.now)]), world.now)

    return happens


def fault(code: str, kind: AlertKind) -> Event:
    def happens(world: World) -> None:
        with world.database.transaction() as db:
            resident = db.exec(select(Resident).where(Resident.code == code)).one()
            raise_alert(db, resident, Raised(kind, world.now, None), world.now)

    return happens


def left(username: str, *, closed: bool) -> Event:
    def happens(world: World) -> None:
        with world.database.transaction() as db:
            at = world.now if closed else None
            db.exec(update(Person).where(col(Person.username) == username).values(closed_at=at))

    return happens


def status(to: AlertStatus) -> Event:
    """Somebody takes every alert there is, or gives it back."""

    def happens(world: World) -> None:
        waits = to is AlertStatus.REPORTED
        with world.database.transaction() as db:
            open_ones = update(AlertRow).where(col(AlertRow.closed_at).is_(None), col(AlertRow.status) != to)
            who = None if waits else 1
            values = {"status": to, "taken_by": who, "waiting_since": world.now if waits else None, "asked_at": None}
            values["due_at"] = None if waits else world.now + timedelta(minutes=10)
            db.exec(open_ones.values(**values))

    return happens


def policy(about: str, wanted: Policy) -> Event:
    def happens(world: World) -> None:
        with world.database.transaction() as db:
            found = db.exec(select(PolicyRow).where(PolicyRow.unit_id == 1, PolicyRow.about == about)).first()
            row = found or PolicyRow(unit_id=1, about=about, steps=[])
            row.steps, row.quiet = steps_json(wanted), quiet_json(wanted)
            db.add(row)

    return happens


def channel(*, broken: bool) -> Event:
    def happens(world: World) -> None:
        world.channel.broken = broken

    return happens


def killed(world: World) -> None:
    """The process dies while it hands over a message, and another one takes over, with new connections."""

    class Dying:
        def send(self, _message: object) -> None:
            raise KeyboardInterrupt

    with world.database.reading() as db:
        waiting = db.exec(select(NotificationRow).where(col(NotificationRow.due_at) <= world.now)).first()
    if waiting is not None:
        with pytest.raises(KeyboardInterrupt):
            dispatch_due(world.database, {"app": Dying()}, world.now)
    world.database.close()
    world.database = Database(world.database.url)


def passes(span: timedelta) -> Event:
    def happens(world: World) -> None:
        world.now += span

    return happens


spans = st.timedeltas(timedelta(seconds=15), timedelta(hours=3))
steps = st.builds(
    Step, st.sampled_from([who for who in Who if who is not Who.EVERYONE]), spans, st.integers(0, 9),
    st.sampled_from([10, 20, 30, 40]), st.sampled_from(AtNight),
)  # fmt: skip
policies = st.builds(
    lambda first, last: Policy((*first, last), QuietHours(time(22), time(7))),
    st.lists(steps, max_size=3),
    st.builds(Step, st.just(Who.EVERYONE), spans, at_night=st.sampled_from(AtNight)),
).filter(lambda wanted: fault_of(wanted) is None)
events = st.one_of(
    st.builds(press, st.sampled_from("abt")),
    st.builds(
        fault,
        st.sampled_from(["res-a", "res-b", "res-t"]),
        st.sampled_from([AlertKind.BATTERY_LOW, AlertKind.GATEWAY_SILENT, AlertKind.DECLINE]),
    ),
    st.builds(left, st.sampled_from(["maria", "ola", "siri", "arne", "per", "nina", "tess"]), closed=st.booleans()),
    st.builds(status, st.sampled_from([AlertStatus.TAKEN, AlertStatus.REPORTED])),
    st.builds(policy, st.sampled_from(["person", "technical", "button"]), policies),
    st.builds(channel, broken=st.booleans()),
    st.just(killed),
    st.builds(passes, st.timedeltas(timedelta(seconds=1), timedelta(hours=12))),
)


@settings(max_examples=10)
@given(st.lists(events, min_size=4, max_size=15))
def test_an_open_alert_is_never_without_a_next_step_and_a_time(
    new_sqlite: NewDatabase, happenings: list[Event]
) -> None:
    world = World(new_sqlite(), FakeChannel())
    fault("res-a", AlertKind.BATTERY_LOW)(world)
    press("a")(world)

    for happens in happenings:
        happens(world)
        world.run()
        _all_go_on(world)
    world.database.close()


def _all_go_on(world: World) -> None:
    with world.database.reading() as db:
        waits = select(AlertRow).where(AlertRow.status == AlertStatus.REPORTED)
        for alert in db.exec(waits.where(col(AlertRow.alert_class) != AlertClass.TREND)):
            ahead = next_step(db, alert)
            assert ahead is not None, alert.kind
            assert world.now < ahead.at <= world.now + timedelta(hours=24)
            row = db.get_one(EscalationRow, alert.alert_id)
            assert row.rounds or _waits_for_the_morning(world, alert), "nobody was ever told"
        held = select(AlertRow).where(col(AlertRow.closed_at).is_(None), AlertRow.status != AlertStatus.REPORTED)
        assert all(alert.due_at is not None and alert.due_at > world.now for alert in db.exec(held))
        # All this without the auditor's help.
        assert not db.exec(select(AlertRow).where(AlertRow.kind == AlertKind.CHAIN_STALLED)).all()


def _waits_for_the_morning(world: World, alert: AlertRow) -> bool:
    with world.database.reading() as db:
        said = db.exec(select(AlertLogRow.event).where(AlertLogRow.alert_id == alert.alert_id)).all()
    return LogEvent.HELD_BACK in said
