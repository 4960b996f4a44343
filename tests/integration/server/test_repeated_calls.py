"""Who has called again is not put off by one person at a desk: a repeated call is closed after a visit, or by two."""

from datetime import timedelta

import pytest
from builders import HOUR, MINUTE, T0, alerts, viewer
from handed import FALSE, do, notice, press

from server.alerting import handing
from server.alerting.rules import AlertKind, AlertStatus, Outcome
from server.alerting.service import Ending, arrived, close, take
from server.alerting.views import get_alert
from server.db.session import Database
from server.errors import NoRepeatError, SamePersonError, ServerError, VisitFirstError


def test_four_presses_in_a_night_are_not_closed_without_a_visit(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    first = press(database)
    do(database, close, maria, first.code, 1, FALSE, T0 + MINUTE)
    again = press(database, T0 + 2 * HOUR)

    with pytest.raises(VisitFirstError):
        do(database, close, maria, again.code, 1, FALSE, T0 + 3 * HOUR)
    with database.reading() as db:
        assert get_alert(db, maria, again.code).needs_visit

    do(database, take, ola, again.code, 1, T0 + 3 * HOUR)
    with pytest.raises(SamePersonError):
        do(database, handing.confirm_no_visit, ola, again.code, 2, T0 + 3 * HOUR)
    do(database, handing.confirm_no_visit, maria, again.code, 2, T0 + 3 * HOUR)
    with pytest.raises(VisitFirstError):
        do(database, close, maria, again.code, 3, FALSE, T0 + 3 * HOUR)  # she cannot be both
    do(database, close, ola, again.code, 3, FALSE, T0 + 3 * HOUR)

    assert alerts(database)[-1].outcome is Outcome.FALSE_ALARM


def test_a_confirmation_from_before_the_last_press_is_worth_nothing(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    press(database)
    again = press(database, T0 + HOUR)
    do(database, take, ola, again.code, 2, T0 + HOUR)
    do(database, handing.confirm_no_visit, maria, again.code, 3, T0 + HOUR)
    last = press(database, T0 + 2 * HOUR)

    with pytest.raises(VisitFirstError):
        do(database, close, ola, last.code, last.version, FALSE, T0 + 2 * HOUR)


@pytest.mark.parametrize("visited_after", [30 * MINUTE, 90 * MINUTE])
def test_a_visit_between_or_after_answers_the_calls(database: Database, visited_after: timedelta) -> None:
    maria = viewer(database, "maria")
    first = press(database)
    if visited_after < HOUR:
        do(database, take, maria, first.code, 1, T0)
        do(database, arrived, maria, first.code, 2, T0 + visited_after)
        do(database, close, maria, first.code, 3, FALSE, T0 + visited_after)
    last = press(database, T0 + HOUR)
    if visited_after > HOUR:
        do(database, take, maria, last.code, 2, T0 + HOUR)
        do(database, arrived, maria, last.code, 3, T0 + visited_after)
    last = alerts(database)[-1]

    do(database, close, maria, last.code, last.version, FALSE, T0 + 2 * HOUR)

    assert alerts(database)[-1].status is AlertStatus.CLOSED


def test_one_press_is_closed_by_one_person_and_there_is_nothing_to_confirm(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    code = press(database).code

    with pytest.raises(NoRepeatError):
        do(database, handing.confirm_no_visit, ola, code, 1, T0)
    do(database, close, maria, code, 1, FALSE, T0)
    press(database, T0 + 13 * HOUR)

    newest = alerts(database)[-1]
    do(database, close, maria, newest.code, 1, FALSE, T0 + 13 * HOUR)  # a day's first press again


def test_what_was_pressed_again_meanwhile_is_not_closed_along(database: Database) -> None:
    maria = viewer(database, "maria")
    first = notice(database, AlertKind.INACTIVITY, T0)
    button = press(database, T0 + MINUTE)
    press(database, T0 + 2 * MINUTE)

    with pytest.raises(ServerError):
        do(database, close, maria, first.code, 1, Ending(Outcome.REAL_EVENT, also=((button.code, 1),)), T0 + HOUR)

    assert [alert.closed_at for alert in alerts(database)] == [None, None]
