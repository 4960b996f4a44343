"""A home that is followed by the service is told what a look back over its stored facts tells."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from builders import FakeGateway, rows_of, send
from lived import facts_of, move_in
from postgres import NewDatabase
from watching import look

from gateway.contract.observation import Stream
from models.calibration import Diary
from models.finding import FACTS
from models.nights import Settings, nights
from models.prior import shipped
from models.replay import replay_home
from models.technical.findings import Faults
from models.trace import Trace
from server.absences.rules import AbsenceKind, Span
from server.absences.service import Held
from server.absences.tables import Absence
from server.db.session import Database
from server.detection.due import make_due
from server.detection.facts import trace_of
from server.detection.learning import fit_due
from server.detection.muting import unseen_in, without_absences
from server.detection.tables import FindingRow, RoutineRow
from tests.unit.models.evaluation.lives import life

OSLO = ZoneInfo("Europe/Oslo")
DAYS, LEARN_DAYS, BUDGET = 27, 18, 30.0
BEGIN = int(datetime(2024, 12, 1, tzinfo=OSLO).timestamp())
KINDS = {kind.value for kind, facts in FACTS.items() if facts.cls == "person"}
Told = tuple[str, datetime, datetime | None]


def a_life() -> Trace:
    """Return a simple life with a day in which nobody was heard and a restless night."""
    lived = life(days=DAYS, seed=3)
    at = lived.at + (BEGIN - int(lived.at[0] // 86_400 * 86_400))
    day = (at - BEGIN) // 86_400
    calm = (day != LEARN_DAYS + 3) & ((day < LEARN_DAYS) | (np.arange(day.size) % 7 > 0))
    return Trace.of("1", at[calm], lived.channel[calm], np.ones(int(calm.sum())), lived.channels)


def live(new_database: NewDatabase, trace: Trace, seed: int | None, held: Sequence[Held] = ()) -> Database:
    """Let the service live through a trace: in its order (seed None), or in pieces that come anyhow and again."""
    rng, database, gateway = np.random.default_rng(seed or 0), new_database(), FakeGateway()
    move_in(database, trace.channels)
    with database.transaction() as db:
        db.add_all(_kept(number, one) for number, one in enumerate(held))
    facts = facts_of(gateway, trace)
    gateway.last[Stream.ROUTINE] = 0
    first = facts[0].observed_at.astimezone(OSLO).replace(hour=4, minute=0, second=0, microsecond=0)
    for day in range(1, DAYS):
        night = (first + timedelta(days=day)).astimezone(UTC)
        today = [fact for fact in facts if fact.observed_at < night]
        del facts[: len(today)]
        size = 400 if seed is None else 40
        pieces = [today[start : start + size] for start in range(0, len(today), size)]
        if seed is not None and pieces:
            order = rng.permutation(np.append(np.arange(len(pieces)), rng.integers(0, len(pieces), 2)))
            pieces = [pieces[place] for place in order]
        for piece in pieces:
            send(database, gateway.batch(piece), night)
            if seed is not None and rng.random() < 0.5:
                look(database, night)
        if today:
            gateway.last[Stream.ROUTINE] = today[-1].seq  # what a heartbeat claims
        send(database, gateway.heartbeat(night), night)
        with database.transaction() as db:  # a lesson is given at the first look after its hour: let that be at once
            make_due(db, [1], night)
        look(database, night)
        if seed is not None and day % 5 == 0:  # a restart
            database.close()
            database = Database(database.url)
        if day >= LEARN_DAYS:
            assert fit_due(database) == 1
            look(database, night)
    return database


def _kept(number: int, held: Held) -> Absence:
    begins_at, ends_at = held.span.begins_at, held.span.ends_at
    return Absence(
        code=f"held-{number}", resident_id=1, home_id=1, kind=held.kind, begins_at=begins_at, ends_at=ends_at,
        set_by=1, set_at=begins_at,
    )  # fmt: skip


def found(database: Database) -> list[Told]:
    rows: list[FindingRow] = rows_of(database, FindingRow)
    return sorted(
        ((row.kind, row.noticed_at, row.ended_at) for row in rows if row.kind in KINDS and row.learned_days), key=str
    )


def looked_back(trace: Trace, until: datetime, held: Sequence[Held] = ()) -> list[Told]:
    seen, faults = without_absences(trace, held), Faults(unseen=tuple(unseen_in(held)))
    told = replay_home(seen, Settings(OSLO, LEARN_DAYS, BUDGET), shipped(), faults)
    return sorted(
        (
            (one.kind, one.raised_at, None if one.ended_at is None or one.ended_at > until else one.ended_at)
            for one in told
            if one.kind in KINDS and one.raised_at <= until
        ),
        key=str,
    )


def _as_a_look_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.detection.learning._SPREAD_MINUTES", 1)
    monkeypatch.setattr("server.sensitivity.rules.USUAL_BUDGET", BUDGET)
    # On purpose: the service does not learn from days on which people were called, and a look back knows of no people.
    monkeypatch.setattr("server.detection.learning.strange_days", lambda *_: set())


@pytest.mark.parametrize("seed", [None, 1])
def test_the_service_finds_what_a_look_back_over_its_facts_finds(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch, seed: int | None
) -> None:
    _as_a_look_back(monkeypatch)
    trace = a_life()
    with closing(live(new_database, trace, seed)) as database:
        [routine] = rows_of(database, RoutineRow)
        with database.reading() as db:
            kept = trace_of(db, 1, datetime.fromtimestamp(BEGIN, UTC) - timedelta(days=2), routine.fitted_at)
        diary = Diary()
        for night, _ in nights(kept, Settings(OSLO, LEARN_DAYS, BUDGET), shipped()):
            diary = night.diary if night.day <= routine.fitted_at.astimezone(OSLO).date().toordinal() else diary
        told = looked_back(trace, routine.fitted_at)
        assert len(told) > 5
        assert found(database) == told
        of_service, last = Diary.from_json(routine.diary), max(diary.raised)
        assert of_service.scores == diary.scores
        # The look back ends with the last thing heard, and the service an hour later, when the lesson is due.
        assert {**of_service.raised, last: 0} == {**diary.raised, last: 0}
        assert sum(diary.raised.values()) > 20


def test_a_pause_is_for_a_look_back_what_it_was_for_the_service(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_a_look_back(monkeypatch)
    trace = a_life()
    begins = datetime.fromtimestamp(BEGIN, OSLO) + timedelta(days=LEARN_DAYS + 5, hours=10)
    paused = Held(AbsenceKind.PAUSE, Span(begins.astimezone(UTC), begins.astimezone(UTC) + timedelta(hours=5)))
    with closing(live(new_database, trace, None, [paused])) as database:
        [routine] = rows_of(database, RoutineRow)
        told = looked_back(trace, routine.fitted_at, [paused])

        assert found(database) == told
        assert told != looked_back(trace, routine.fitted_at), "the pause makes a difference"
