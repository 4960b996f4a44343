"""What a home's sensors can see, and that what cannot be seen is never taken for a person who does not move."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.contract.observation import SensorKind
from models.activity import Activity
from models.live import HomeState, Routine, look, silence_due, step
from models.sight import Eye, Sight, sight

_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_BLIND = Sight(is_blind=True, unseen_rooms=("lounge",))
_ROUTINE = Routine.unlearned()


def eye(room: str, kind: SensorKind, *, silent: bool = False) -> Eye:
    return Eye(room, frozenset({kind}), silent)


LOUNGE, KITCHEN = eye("lounge", SensorKind.MOTION), eye("kitchen", SensorKind.MOTION)
NO_LOUNGE, NO_KITCHEN = eye("lounge", SensorKind.MOTION, silent=True), eye("kitchen", SensorKind.MOTION, silent=True)
DOOR, BUTTON = eye("front_door", SensorKind.DOOR), eye("bedroom", SensorKind.BUTTON)


@pytest.mark.parametrize(
    ("eyes", "seen"),
    [
        ([LOUNGE, KITCHEN, DOOR], Sight()),
        ([NO_LOUNGE, KITCHEN, DOOR], Sight(unseen_rooms=("lounge",))),
        ([NO_LOUNGE, LOUNGE], Sight()),  # two in one room: the other still sees it
        ([NO_LOUNGE, NO_KITCHEN, DOOR, BUTTON], Sight(is_blind=True, unseen_rooms=("kitchen", "lounge"))),
        ([eye("front_door", SensorKind.DOOR, silent=True), BUTTON], Sight(is_blind=True, unseen_rooms=("front_door",))),
        ([BUTTON, eye("kitchen", SensorKind.SMOKE, silent=True)], Sight()),
        ([], Sight()),
    ],
)
def test_a_home_is_blind_when_nothing_that_could_see_somebody_is_heard(eyes: list[Eye], seen: Sight) -> None:
    assert sight(eyes) == seen


def test_while_a_home_is_blind_no_silence_is_found_and_afterwards_it_counts_anew() -> None:
    state = step(HomeState(), Activity(_NOON, "lounge", SensorKind.MOTION))
    due = silence_due(state, _ROUTINE, UTC)
    assert due is not None

    state, found = look(state, _ROUTINE, UTC, due + _HOUR, _BLIND)
    assert found is None
    state = HomeState.from_json(state.as_json())
    assert (state.last_activity_at, state.quiet_since) == (_NOON, due + _HOUR)
    again = silence_due(state, _ROUTINE, UTC)
    assert again is not None

    assert look(state, _ROUTINE, UTC, again - timedelta(seconds=1)) == (state, None)
    _, found = look(state, _ROUTINE, UTC, again)
    assert found is not None
    assert found.started_at == due + _HOUR
    assert found.reasons[0].figures["last_seen_at"] == _NOON.isoformat()


def test_with_one_room_unseen_a_silence_is_found_all_the_same_and_names_the_room() -> None:
    state = step(HomeState(), Activity(_NOON, "kitchen", SensorKind.MOTION))

    _, found = look(state, _ROUTINE, UTC, _NOON + 48 * _HOUR, Sight(unseen_rooms=("lounge",)))

    assert found is not None
    assert found.reasons[0].figures["unseen_rooms"] == ["lounge"]
