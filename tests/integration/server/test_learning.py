"""What the server learns of a home, and from what it does not learn."""

import pytest
from builders import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    FakeGateway,
    alerts,
    rows_of,
    send,
)  # fmt: skip
from watching import hear, look, tell

from gateway.contract.observation import Observation, Stream
from models.concerns.silence import EVERYTHING, usual_minutes
from models.days.kept import Metric
from models.store import from_bytes
from server.alerting.rules import AlertKind
from server.db.session import Database
from server.detection.days import changes_kept, days_kept
from server.detection.learning import fit_due
from server.detection.tables import KeptDays, RoutineRow

LIMIT = 12 * HOUR  # the silence that is too long where nothing is learned yet


def weeks(gateway: FakeGateway, days: int) -> list[Observation]:
    """Return days on which somebody moves every quarter of an hour from 7 to 23 and sleeps in between."""
    return [
        gateway.motion(T0.replace(hour=6) + day * DAY + quarter * 15 * MINUTE)
        for day in range(days)
        for quarter in range(64)
    ]


def test_a_learned_routine_notices_much_sooner(database: Database) -> None:
    gateway = FakeGateway()
    facts = weeks(gateway, 17)
    last = facts[-1].observed_at
    for place in range(0, len(facts), 400):
        tell(database, gateway, facts[place : place + 400], last)

    assert fit_due(database) == 1
    look(database, last)
    morning = last + 8 * HOUR + 15 * MINUTE
    tell(database, gateway, [gateway.motion(morning)], morning)
    for hours in range(1, 12):
        hear(database, gateway, morning + hours * HOUR)

    [alert] = alerts(database)
    assert alert.kind is AlertKind.INACTIVITY
    assert 20 * MINUTE < alert.observed_at - morning < LIMIT / 2
    assert alert.reasons[0]["learned_days"] == 15


def test_a_home_is_learned_once_a_night(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, weeks(gateway, 1), T0 + DAY)

    assert [fit_due(database), fit_due(database)] == [1, 0]
    tell(database, gateway, [gateway.motion(T0 + DAY)], T0 + DAY)

    assert fit_due(database) == 1


def test_each_night_keeps_the_days_that_people_look_at(database: Database) -> None:
    gateway = FakeGateway()
    facts = weeks(gateway, 17)
    for place in range(0, len(facts), 400):
        tell(database, gateway, facts[place : place + 400], facts[-1].observed_at)
    assert fit_due(database) == 1

    [row] = rows_of(database, KeptDays)
    days = days_kept(row.first_day, row.figures, row.quarters, row.ok)

    assert (row.first_day, len(days.ok)) == (T0.date(), 16)
    assert days.of(Metric.ACTIVITY).tolist() == [64] * 16
    assert days.quarters[3].tolist() == [0] * 28 + [1] * 64 + [0] * 4
    assert changes_kept(row.changes)[Metric.ACTIVITY].far == 0


@pytest.mark.parametrize("called", [True, False])
def test_a_silence_people_were_called_to_is_not_learned_as_ordinary(database: Database, *, called: bool) -> None:
    gateway = FakeGateway()
    days = weeks(gateway, 9)
    gateway.last.clear()
    gateway.last.update(dict.fromkeys(Stream, 0))
    begins, ends = T0 + 3 * DAY + 5 * HOUR, T0 + 3 * DAY + 18 * HOUR
    strange = [gateway.motion(fact.observed_at) for fact in days if not begins < fact.observed_at < ends]
    place = next(n for n, fact in enumerate(strange) if fact.observed_at >= ends)
    tell(database, gateway, strange[:place], strange[place - 1].observed_at)
    if called:
        send(database, gateway.heartbeat(ends - HOUR / 2, heads=()), ends - HOUR / 2)
        look(database, ends - HOUR / 2)
    for start in range(place, len(strange), 400):
        tell(database, gateway, strange[start : start + 400], strange[-1].observed_at)

    fit_due(database)

    with database.reading() as db:
        routine = from_bytes(db.get_one(RoutineRow, 1).parameters).routine
    _, longest_at_ten_in_the_evening = usual_minutes(routine.tables[EVERYTHING.name], 22 * 12)
    assert (len(alerts(database)) == 1) == called
    assert (longest_at_ten_in_the_evening < 120) == called


def test_a_routine_that_cannot_be_read_falls_back_to_the_safe_line(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    with database.transaction() as db:
        db.add(RoutineRow(home_id=1, fitted_at=T0, next_fit_at=T0 + DAY, days=9, parameters=b"not a routine"))

    hear(database, gateway, T0 + LIMIT)

    assert [alert.observed_at for alert in alerts(database)] == [T0 + LIMIT]
    assert "safe rules apply" in caplog.text


def test_one_home_that_cannot_be_learned_does_not_keep_the_others_from_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for letter in "ab":
        gateway = FakeGateway(letter)
        tell(database, gateway, [gateway.motion(T0)], T0)
    with database.transaction() as db:
        db.connection().exec_driver_sql("UPDATE home SET time_zone = 'Nowhere' WHERE home_id = 1")

    assert fit_due(database) == 1

    assert [row.home_id for row in rows_of(database, RoutineRow)] == [2]
    assert "home 1 could not be learned" in caplog.text
