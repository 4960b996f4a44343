"""What people set and how they rate: who may, how far it reaches, and that the nightly lesson heeds it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import DAY, HOUR, T0, rows_of, viewer
from sqlmodel import select

from server.alerting.rules import AlertKind, Outcome
from server.alerting.service import Ending, Raised, Reason, close, raise_alert, take
from server.alerting.tables import AlertRow
from server.audit.checking import first_broken
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.detection.learning import strange_days
from server.detection.tables import FindingRow
from server.errors import NotAllowedError, NotFoundError, UnrateableError
from server.residents.tables import Home, Resident
from server.sensitivity.rules import Rating
from server.sensitivity.service import (
    SetFor,
    budget_of,
    effects_of,
    rate,
    rating_of,
    set_home_budget,
    set_unit_budget,
    wishes_of,
)


def _home(database: Database, code: str = "home-a") -> int:
    with database.reading() as db:
        return db.exec(select(Home).where(Home.code == code)).one().home_id or 0


def _alerted(
    database: Database, at: datetime, kind: AlertKind = AlertKind.INACTIVITY, outcome: Outcome = Outcome.TEST
) -> str:
    """Raise an alert in home-a and close it again; return its name."""
    maria = viewer(database, "maria")
    with database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-a")).one()
        code = raise_alert(db, resident, Raised(kind, at, at), at).code
        take(db, maria, code, 1, at)
        close(db, maria, code, 2, Ending(outcome), at)
        return code


def _rate(database: Database, code: str, rating: Rating | None, at: datetime, who: str = "maria") -> None:
    person = viewer(database, who)
    with database.transaction() as db:
        rate(db, person, code, rating, at)


def _factors(database: Database, at: datetime) -> dict[str, float]:
    home_id = _home(database)
    with database.reading() as db:
        return dict(wishes_of(db, home_id, at).factors)


def test_three_ratings_as_not_relevant_halve_a_kind_in_that_home_and_nowhere_else(database: Database) -> None:
    for hours in range(3):
        _rate(database, _alerted(database, T0 + hours * HOUR), Rating.NOT_RELEVANT, T0 + DAY)

    assert _factors(database, T0 + 3 * HOUR) == {"inactivity": pytest.approx(0.5, abs=0.002)}
    elsewhere = _home(database, "home-b")
    with database.reading() as db:
        assert effects_of(db, elsewhere, T0 + DAY) == ()


def test_a_rating_can_be_changed_and_withdrawn_and_every_word_is_audited(database: Database) -> None:
    code = _alerted(database, T0, outcome=Outcome.FALSE_ALARM)
    maria = viewer(database, "maria")
    factors = [_factors(database, T0)]

    for rating in (Rating.RELEVANT, Rating.RELEVANT, None):
        _rate(database, code, rating, T0)
        factors.append(_factors(database, T0))

    assert factors[0]["inactivity"] < 1 < factors[1]["inactivity"] == factors[2]["inactivity"]
    assert factors[3] == {}
    with database.reading() as db:
        view = rating_of(db, maria, code, T0)
        said = db.exec(select(AuditEntry.why).where(AuditEntry.what == "alert rated")).all()
        assert first_broken(db) is None
    assert (view.rating, view.is_derived, view.is_withdrawn) == (None, False, True)
    assert said == ["relevant", "withdrawn"]


def test_how_an_alert_ended_counts_where_nobody_rated_it(database: Database) -> None:
    code = _alerted(database, T0, outcome=Outcome.FALSE_ALARM)
    _alerted(database, T0 + HOUR, outcome=Outcome.TECHNICAL)
    maria = viewer(database, "maria")

    with database.reading() as db:
        view = rating_of(db, maria, code, T0 + HOUR)

    assert (view.rating, view.is_derived) == (Rating.NOT_RELEVANT, True)
    assert view.effect is not None
    assert view.effect.alert_ids == (code,)
    assert _factors(database, T0 + 91 * DAY) == {}


def test_nobody_can_rate_away_a_call_for_help_nor_an_alert_of_another_unit(database: Database) -> None:
    pressed, silent = _alerted(database, T0, AlertKind.BUTTON), _alerted(database, T0)

    with pytest.raises(UnrateableError):
        _rate(database, pressed, Rating.NOT_RELEVANT, T0)
    with pytest.raises(NotFoundError):
        _rate(database, silent, Rating.NOT_RELEVANT, T0, who="per")
    with pytest.raises(NotAllowedError):
        _rate(database, silent, Rating.NOT_RELEVANT, T0, who="anne")


def test_a_homes_own_budget_goes_before_its_units_and_can_be_given_up_again(database: Database) -> None:
    siri, home_id = viewer(database, "siri"), _home(database)
    seen = []
    for home, unit in ((None, None), (None, 1.0), (0.25, 2.0), (None, 2.0)):
        with database.transaction() as db:
            set_home_budget(db, siri, "res-a", home, T0)
            if unit is not None:
                set_unit_budget(db, siri, unit, T0)
            db.flush()
            seen.append(budget_of(db, home_id))

    assert [(one.budget, one.set_for) for one in seen] == [
        (0.5, SetFor.ALL), (1.0, SetFor.UNIT), (0.25, SetFor.HOME), (2.0, SetFor.UNIT),
    ]  # fmt: skip
    with database.reading() as db:
        said = db.exec(select(AuditEntry.why).where(AuditEntry.what == "sensitivity set")).all()
        assert wishes_of(db, home_id, T0).budget == 2.0
    assert said == ["1 a week", "0.25 a week", "2 a week", "as in the unit"]


@pytest.mark.parametrize(("who", "error"), [("maria", NotAllowedError), ("anne", NotAllowedError)])
def test_only_staff_and_administrators_set_how_often_is_told(
    database: Database, who: str, error: type[Exception]
) -> None:
    person = viewer(database, who)

    for attempt in (
        lambda db: set_unit_budget(db, person, 1.0, T0),
        lambda db: set_home_budget(db, person, "res-a", 1.0, T0),
    ):
        with database.transaction() as db, pytest.raises(error):
            attempt(db)


def test_staff_of_one_unit_set_nothing_in_another(database: Database) -> None:
    siri = viewer(database, "siri")

    with database.transaction() as db, pytest.raises(NotFoundError):
        set_home_budget(db, siri, "res-b", 1.0, T0)


def test_two_people_who_rate_the_same_alert_leave_one_rating(database: Database) -> None:
    code = _alerted(database, T0)

    _rate(database, code, Rating.NOT_RELEVANT, T0)
    _rate(database, code, Rating.KNOWN_REASON, T0 + timedelta(minutes=1), who="ola")

    home_id = _home(database)
    with database.reading() as db:
        [effect] = effects_of(db, home_id, T0 + timedelta(minutes=1))
    assert effect.counts == {Rating.RELEVANT: 0, Rating.NOT_RELEVANT: 0, Rating.KNOWN_REASON: 1}
    assert [row.kind for row in rows_of(database, AlertRow)] == [AlertKind.INACTIVITY]


def test_a_day_rated_as_not_relevant_teaches_though_its_alert_is_open(database: Database) -> None:
    zone, home_id = ZoneInfo("Europe/Oslo"), _home(database)
    with database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-a")).one()
        alert = raise_alert(db, resident, Raised(AlertKind.INACTIVITY, T0, T0), T0)
        finding = FindingRow(
            home_id=home_id, kind="inactivity", started_at=T0, noticed_at=T0, ended_at=T0, alert_id=alert.alert_id
        )
        db.add(finding)

    def strange() -> set[int]:
        with database.reading() as db:
            return strange_days(db, home_id, T0 + HOUR, zone)

    assert strange() == {T0.date().toordinal()}
    _rate(database, alert.code, Rating.NOT_RELEVANT, T0)
    assert strange() == set()
    _rate(database, alert.code, Rating.RELEVANT, T0)
    assert strange() == {T0.date().toordinal()}


def test_two_signs_of_one_silence_are_told_once_with_both_reasons(database: Database) -> None:
    with database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-a")).one()
        for key, goes_on in (("routine", False), ("fixed", True), ("fixed", True)):
            raised = Raised(AlertKind.INACTIVITY, T0, T0, reasons=(Reason(key, {}),), goes_on=goes_on)
            alert = raise_alert(db, resident, raised, T0)

    assert (alert.repeats, alert.version) == (0, 1)
    assert [reason["key"] for reason in alert.reasons] == ["routine", "fixed"]
