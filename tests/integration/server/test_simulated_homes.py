"""What is kept of simulated homes, and the way of an order, on both databases."""

from datetime import timedelta

import pytest
from builders import T0, rows_of, viewer
from pydantic import TypeAdapter

from server.access.service import Viewer
from server.audit.checking import first_broken
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import NotAllowedError, NotFoundError, OrderError
from server.live.service import SIMULATION, SIMULATION_ORDER
from server.live.tables import ChangeRow
from server.simulations.messages import HomePlan, HomeState, TruthLine
from server.simulations.rules import Order, OrderOutcome, Verb
from server.simulations.service import (
    ask,
    get_simulation,
    list_simulations,
    note_outcome,
    note_state,
    note_truth,
    register,
    untaken_orders,
)
from server.simulations.tables import OrderRow

SECOND = timedelta(seconds=1)
PLAN = HomePlan.model_validate(
    {
        "rooms": [{"name": "lounge", "left": 0, "bottom": 0, "width": 5, "depth": 4}],
        "scenarios": [{"code": "press", "title": "Press"}],
    }
)
STATE = HomeState.model_validate({"at": T0, "speed": 60, "is_running": True})
FALL = Order(Verb.SCENARIO, "press")


@pytest.fixture
def tess(database: Database) -> Viewer:
    """A tester of Nord whose simulator runs home-t."""
    tess = viewer(database, "tess")
    with database.transaction() as db:
        register(db, tess, "home-t", PLAN, T0)
    return tess


def _ask(database: Database, who: Viewer) -> int:
    with database.transaction() as db:
        asked = ask(db, who, "home-t", FALL, T0)
        db.flush()
        return asked.order_id or 0


def test_an_order_is_audited_taken_once_and_never_forgotten(database: Database, tess: Viewer) -> None:
    number = _ask(database, tess)

    with database.transaction() as db:
        assert [(row.order_id, home) for row, home in untaken_orders(db, tess, 0)] == [(number, "home-t")]
        note_outcome(db, tess, number, OrderOutcome.DONE, "", T0 + SECOND)
    with database.transaction() as db:
        note_outcome(db, tess, number, OrderOutcome.REFUSED, "a repeat", T0 + 2 * SECOND)
        assert untaken_orders(db, tess, 0) == []
        assert first_broken(db) is None

    [row] = rows_of(database, OrderRow)
    assert (row.outcome, row.said, row.taken_at, row.asked_by) == (
        OrderOutcome.DONE, "", T0 + SECOND, tess.audit_name,
    )  # fmt: skip
    [entry] = [entry for entry in rows_of(database, AuditEntry) if entry.what == "simulation scenario"]
    assert (entry.who, entry.about, entry.why) == (tess.audit_name, "home:home-t", "press")


def test_what_is_told_replaces_what_was_and_pages_and_simulators_hear_of_it(database: Database, tess: Viewer) -> None:
    line = {"what": "watched", "begins_at": T0}
    truth = TypeAdapter(tuple[TruthLine, ...]).validate_python([line])
    with database.transaction() as db:
        note_state(db, tess, "home-t", STATE, T0)
        note_truth(db, tess, "home-t", truth)
    _ask(database, tess)

    with database.reading() as db:
        [seen] = list_simulations(db, tess, T0 + SECOND)
        assert not get_simulation(db, tess, "home-t", T0 + 60 * SECOND).is_connected
    assert (seen.plan, seen.state, seen.truth, seen.is_connected) == (PLAN, STATE, truth, True)
    told = [row.what for row in rows_of(database, ChangeRow) if row.what.startswith("simulation")]
    assert told == [SIMULATION, SIMULATION, SIMULATION, SIMULATION_ORDER, SIMULATION]

    with database.transaction() as db:
        assert register(db, tess, "home-t", PLAN, T0) == 1
        anew = get_simulation(db, tess, "home-t", T0)
    assert (anew.state, anew.truth) == (None, ())
    assert [row.outcome for row in rows_of(database, OrderRow)] == [OrderOutcome.MISSED]


@pytest.mark.parametrize("username", ["maria", "nina", "siri", "anne", "arne"])
def test_who_is_no_tester_may_nothing(database: Database, tess: Viewer, username: str) -> None:
    who = viewer(database, username)
    number = _ask(database, tess)

    with database.transaction() as db:
        for forbidden in (
            lambda: register(db, who, "home-t", PLAN, T0),
            lambda: note_state(db, who, "home-t", STATE, T0),
            lambda: note_truth(db, who, "home-t", ()),
            lambda: ask(db, who, "home-t", FALL, T0),
            lambda: untaken_orders(db, who, 0),
            lambda: note_outcome(db, who, number, OrderOutcome.DONE, "", T0),
            lambda: list_simulations(db, who, T0),
            lambda: get_simulation(db, who, "home-t", T0),
        ):
            with pytest.raises(NotAllowedError):
                forbidden()


def test_a_real_home_is_never_simulated_and_what_is_not_offered_never_asked(database: Database, tess: Viewer) -> None:
    with database.transaction() as db:
        for code in ("home-a", "home-b", "nowhere"):
            with pytest.raises(NotFoundError):
                register(db, tess, code, PLAN, T0)
        with pytest.raises(OrderError, match="this home offers press"):
            ask(db, tess, "home-t", Order(Verb.SCENARIO, "meteorite"), T0)
        with pytest.raises(NotFoundError):
            note_outcome(db, tess, 99, OrderOutcome.DONE, "", T0)

    assert rows_of(database, OrderRow) == []
