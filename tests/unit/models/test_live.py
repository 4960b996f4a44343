"""The live state of a home: when silence is too long, however its time is cut up."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.activity import Activity, shows_activity
from models.finding import Finding, FindingKind
from models.inactivity import DEFAULT_SILENCE_S, OUT_SILENCE_S
from models.live import HomeState, Routine, look, silence_due, step

OSLO = ZoneInfo("Europe/Oslo")
T0 = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

lines = st.lists(st.integers(900, 12 * 3600), min_size=96, max_size=96)
routines = lines.map(lambda line: Routine(np.array(line, dtype=float), np.array(line, dtype=float), 7))
moments = st.integers(0, 30 * 24 * 60).map(lambda minutes: datetime(2025, 3, 20, tzinfo=UTC) + minutes * MINUTE)
activities = st.builds(
    Activity, moments, st.sampled_from(["lounge", "front_door"]), st.sampled_from([SensorKind.MOTION, SensorKind.DOOR])
)


def motion(at: datetime, room: str = "lounge") -> Activity:
    return Activity(at, room, SensorKind.MOTION)


def live(state: HomeState, routine: Routine, heard: list[Activity]) -> tuple[HomeState, list[Finding]]:
    """Step a state over activities, looking before each."""
    found = []
    for activity in heard:
        state, finding = look(state, routine, OSLO, activity.at)
        found += [finding] if finding else []
        state = step(state, activity)
    return state, found


@given(routine=routines, activity=activities, share=st.floats(0, 0.999))
def test_before_it_is_due_no_silence_is_found(routine: Routine, activity: Activity, share: float) -> None:
    state = step(HomeState(), activity)
    due = silence_due(state, routine, OSLO)
    assert due is not None

    later, finding = look(state, routine, OSLO, activity.at + (due - activity.at) * share)

    assert finding is None
    assert later == state


@given(routine=routines, activity=activities, further=st.integers(0, 3 * 24 * 60))
def test_once_it_is_due_the_silence_is_found_as_of_then_however_late_one_looks(
    routine: Routine, activity: Activity, further: int
) -> None:
    state = step(HomeState(), activity)
    due = silence_due(state, routine, OSLO)
    assert due is not None

    later, finding = look(state, routine, OSLO, due + further * MINUTE)

    assert finding is not None
    assert (finding.started_at, finding.noticed_at, finding.kind) == (activity.at, due, FindingKind.INACTIVITY)
    assert later.silent_since == activity.at
    assert look(later, routine, OSLO, due + 9 * HOUR) == (later, None)
    assert silence_due(later, routine, OSLO) is None


@given(routine=routines, heard=st.lists(activities, min_size=1, max_size=30))
def test_stepping_in_pieces_gives_what_stepping_in_one_gives(routine: Routine, heard: list[Activity]) -> None:
    heard = sorted(heard)
    whole = live(HomeState(), routine, heard)

    state, found = HomeState(), []
    for activity in heard:
        stored = HomeState.from_json(state.as_json())
        state, more = live(stored, routine, [activity])
        found += more

    assert (state, found) == whole


@given(routine=routines, heard=st.lists(activities, min_size=1, max_size=20), random=st.randoms(use_true_random=False))
def test_repeats_and_disorder_within_one_look_change_nothing(routine: Routine, heard: list[Activity], random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    again = heard + random.choices(heard, k=3)
    random.shuffle(again)

    state, found = live(HomeState(), routine, sorted(again))
    expected, expected_found = live(HomeState(), routine, sorted(set(heard)))

    assert (state.last_activity_at, state.silent_since) == (expected.last_activity_at, expected.silent_since)
    assert found == expected_found


@given(known=activities, late=activities)
def test_an_activity_that_came_late_changes_nothing(known: Activity, late: Activity) -> None:
    assume(late.at < known.at)
    state = step(HomeState(), known)

    after = step(state, late)

    assert after == state


def test_a_late_activity_does_not_end_a_silence_that_was_found() -> None:
    silent, _ = look(step(HomeState(), motion(T0)), Routine.unlearned(), OSLO, T0 + 20 * HOUR)

    assert step(silent, motion(T0 - HOUR)) == silent
    assert step(silent, motion(T0 + 21 * HOUR)).silent_since is None


def test_where_nothing_was_ever_heard_nothing_is_due() -> None:
    assert silence_due(HomeState(), Routine.unlearned(), OSLO) is None
    assert look(HomeState(), Routine.unlearned(), OSLO, T0) == (HomeState(), None)


@pytest.mark.parametrize("night", [datetime(2025, 3, 30, tzinfo=OSLO), datetime(2025, 10, 26, tzinfo=OSLO)])
def test_silence_is_measured_in_real_hours_over_a_clock_change(night: datetime) -> None:
    state = step(HomeState(), motion(night))

    due = silence_due(state, Routine.unlearned(), OSLO)

    assert due is not None
    assert (due.astimezone(UTC) - night.astimezone(UTC)).total_seconds() == DEFAULT_SILENCE_S


def test_the_line_of_the_hour_it_has_reached_is_what_counts() -> None:
    line = np.full(96, 6 * 3600.0)
    line[12 * 4 :] = 3600.0  # from noon on, one hour is too long
    state = step(HomeState(), motion(datetime(2025, 1, 15, 9, 0, tzinfo=OSLO)))

    due = silence_due(state, Routine(line, line, 7), OSLO)

    assert due == datetime(2025, 1, 15, 12, 0, tzinfo=OSLO)


def test_somebody_who_went_out_has_longer() -> None:
    line = np.full(96, 3600.0)
    out = step(HomeState(), Activity(T0, "front_door", SensorKind.DOOR))
    home = step(HomeState(), motion(T0))

    assert out.is_out
    assert not home.is_out
    assert silence_due(out, Routine(line, line, 7), OSLO) == T0 + timedelta(seconds=OUT_SILENCE_S)
    assert silence_due(home, Routine(line, line, 7), OSLO) == T0 + HOUR


def test_somebody_heard_well_after_the_door_is_at_home() -> None:
    state = step(step(HomeState(), Activity(T0, "front_door", SensorKind.DOOR)), motion(T0 + 6 * MINUTE))

    assert not state.is_out


def test_a_finding_tells_why_in_figures() -> None:
    _, finding = look(step(HomeState(), motion(T0)), Routine.unlearned(), OSLO, T0 + 13 * HOUR)

    assert finding is not None
    assert finding.room == "lounge"
    assert finding.evidence == (T0,)
    [reason] = finding.reasons
    assert reason.key == "no_movement_for"
    assert reason.figures == {
        "minutes": 720, "usual_minutes": 720, "last_room": "lounge", "last_seen_at": T0.isoformat(),
        "learned_days": 0, "out": False, "unseen_rooms": [],
    }  # fmt: skip


@given(heard=st.lists(activities, max_size=10))
def test_a_state_is_stored_and_read_back_as_it_was(heard: list[Activity]) -> None:
    state, _ = live(HomeState(), Routine.unlearned(), heard)

    assert HomeState.from_json(state.as_json()) == state


@pytest.mark.parametrize(
    ("kind", "value", "shows"),
    [("motion", 1, True), ("motion", 0, False), ("door", 0, True), ("bed", 0, True), ("button", 1, True),
     ("temperature", 21, False), ("smoke", 1, False), ("humidity", 40, False)],
)  # fmt: skip
def test_only_what_a_person_does_shows_activity(kind: str, value: float, *, shows: bool) -> None:
    assert shows_activity(SensorKind(kind), value) is shows


def test_findings_of_one_home_never_overlap() -> None:
    heard = [motion(T0 + hours * HOUR) for hours in (0, 13, 14, 40, 80)]

    _, found = live(HomeState(), Routine.unlearned(), heard)

    assert [(f.started_at - T0) / HOUR for f in found] == [0, 14, 40]
    assert all(first.noticed_at < second.started_at for first, second in pairwise(found))
