"""Why something was noticed: for every concern figures that are whole, true and can be stored."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.finding import FACTS, FindingKind, Reason
from models.follow import Opened
from models.minutes import TICK_S, TICKS_A_DAY, Minutes
from models.past import local_ticks
from models.reasons import Scene, last_heard_at, reasons
from models.rooms import Role, mask_of
from models.routine import CONCERNS
from models.series import Series
from models.store import of_many_homes

ZONE = ZoneInfo("Europe/Oslo")
MIDNIGHT = datetime(2026, 1, 10, 23, tzinfo=UTC)  # in Oslo
NOW = MIDNIGHT + timedelta(hours=2)


def scene(concern: str) -> Scene:
    """Return two hours after midnight; at 23:40 somebody left by the door, half an hour after the kitchen."""
    first, tick = (int(at.timestamp()) // TICK_S for at in (NOW - timedelta(days=3), NOW))
    minutes = Minutes.empty(first, tick)

    def heard(before: timedelta, role: Role) -> None:
        minutes.bits[minutes.bits.size - int(before.total_seconds()) // 60] |= mask_of(role)

    for day in range(3):
        for hour in (6, 9, 12):
            heard(timedelta(days=day, hours=hour), Role.BATHROOM)
    heard(timedelta(hours=2, minutes=50), Role.KITCHEN)
    heard(timedelta(hours=2, minutes=20), Role.OUTER_DOOR)
    local = local_ticks(first, tick, ZONE)
    place = minutes.ticks - 1
    opened = Opened(concern, tick - 40, tick - 1, 3.0, place)
    return Scene(opened, replace(of_many_homes(), days=17), Series(minutes), local.of_day, ZONE)


@pytest.mark.parametrize("concern", [one.name for one in CONCERNS])
def test_every_concern_says_why_from_how_much_it_was_learned_and_what_ends_it(concern: str) -> None:
    why = reasons(scene(concern))
    assert why[-2].key == "learned_from"
    assert why[-2].figures == {"days": 17}
    assert why[-1].key.startswith("ends_")
    assert why[0].figures
    assert FACTS[FindingKind(concern)].cls == "person"
    for one in why:
        assert json.loads(json.dumps(one.figures)) == one.figures
        assert all(np.isfinite(value) for value in one.figures.values() if isinstance(value, int | float))
    assert len({one.key for one in why}) == len(why)


def told(concern: str) -> Reason:
    return reasons(scene(concern))[0]


def test_a_silence_says_how_long_since_when_and_how_long_is_usual() -> None:
    figures = told("inactivity").figures
    assert (figures["minutes"], figures["since"]) == (2 * 60 + 19, "23:40")
    assert figures["last_seen_at"] == (NOW - timedelta(hours=2, minutes=20)).isoformat()
    assert (figures["last_room"], figures["out"]) == ("outer_door", True)
    assert figures["usual_minutes"] >= figures["middle_minutes"] > 0


def test_a_missed_meal_says_when_the_kitchen_was_heard_and_that_somebody_was_about_since() -> None:
    kitchen, meanwhile, *_ = reasons(scene("no_meals"))
    assert kitchen.figures["since"] == "23:10"
    assert meanwhile == Reason("meanwhile_elsewhere", {"minutes": 1})


def test_who_left_says_when_the_door_was_heard() -> None:
    figures = told("left_at_night").figures
    assert (figures["minutes"], figures["door_at"]) == (2 * 60 + 19, "23:40")


def test_visits_are_counted_for_a_day_and_for_two() -> None:
    figures = told("bathroom_visits").figures
    assert (figures["day"], figures["two_days"]) == (3, 6)
    assert figures["usual_two_days"] > figures["usual_day"] > 0


def test_who_is_up_at_night_is_told_by_minutes_rooms_and_moves() -> None:
    one = scene("wandering")
    one.series.minutes.bits[-20:-10] = mask_of(Role.KITCHEN)
    one.series.minutes.bits[-10:] = mask_of(Role.LIVING)
    figures = reasons(one)[0].figures
    assert (figures["active_minutes"], figures["rooms"], figures["moves"]) == (20, 2, 2)
    assert figures["place"] in {"kitchen", "living"}
    assert figures["place_minutes"] == 10 >= figures["usual_place_minutes"] > 0


def test_when_a_home_was_unseen_the_last_time_somebody_was_heard_is_told_not_when_it_was_seen_again() -> None:
    one = scene("inactivity")
    one.series.minutes.seen[-100:-60] = False
    figures = reasons(one)[0].figures
    assert figures["minutes"] == 60
    assert last_heard_at(one) == NOW - timedelta(hours=2, minutes=20)
    assert figures["last_seen_at"] == last_heard_at(one).isoformat()


def test_a_day_has_as_many_ticks_as_the_table_of_a_concern() -> None:
    assert of_many_homes().tables["inactivity"]["usual"].shape[1] == TICKS_A_DAY
