"""What a home's sensors can see, and that what cannot be seen is never taken for a person who does not move."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.contract.observation import SensorKind
from models.finding import Finding
from models.home import HomeState, Look, live_on
from models.presence import Fact
from models.sight import Eye, Sight, sight
from models.stays.view import Circumstances
from models.store import Learned

_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_BLIND = Sight(is_blind=True, unseen_rooms=("lounge",))


def eye(room: str, kind: SensorKind, *, silent: bool = False) -> Eye:
    return Eye(room, frozenset({kind}), silent)


def lived(state: HomeState, until: datetime, *facts: Fact, seen: Sight | None = None) -> Look:
    """Return what a look brings in a home of which nothing is learned."""
    around = Circumstances(seen or Sight())
    return live_on(HomeState.from_json(state.as_json()), Learned.of_nobody(), UTC, facts, until, around)


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
    first = lived(HomeState(), _NOON, Fact(_NOON, "lounge", SensorKind.MOTION, 1.0))
    too_long = _NOON + 12 * _HOUR

    blind = lived(first.state, too_long + _HOUR, seen=_BLIND)
    assert blind.noticed == ()
    seen_again = lived(blind.state, too_long + _HOUR)
    assert seen_again.noticed == ()

    assert lived(seen_again.state, too_long + 13 * _HOUR - timedelta(seconds=1)).noticed == ()
    [found] = lived(seen_again.state, too_long + 13 * _HOUR).noticed
    assert isinstance(found, Finding)
    assert found.reasons[0].figures["last_seen_at"] == _NOON.isoformat()


def test_with_one_room_unseen_a_silence_is_found_all_the_same_and_names_the_room() -> None:
    first = lived(HomeState(), _NOON, Fact(_NOON, "kitchen", SensorKind.MOTION, 1.0))

    [found] = lived(first.state, _NOON + 48 * _HOUR, seen=Sight(unseen_rooms=("lounge",))).noticed

    assert isinstance(found, Finding)
    assert found.reasons[0].figures["unseen_rooms"] == ["lounge"]
