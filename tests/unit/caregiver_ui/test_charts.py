"""Charts say the truth about movement and about what is not known, without a style attribute."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from caregiver_ui.charts.actogram import draw_actogram
from caregiver_ui.charts.day_spans import draw_day_spans
from caregiver_ui.charts.day_strip import draw_day_strip
from caregiver_ui.charts.quarters import (
    QUARTERS_A_DAY,
    active_hours,
    local_hours,
    missing_hours,
    runs,
    start_of,
    step_of,
)
from caregiver_ui.charts.svg import row_marks
from caregiver_ui.language import Language, load_languages

_OSLO = ZoneInfo("Europe/Oslo")
_NOW = datetime(2026, 3, 3, 1, 47, tzinfo=UTC)
_SPEECH = load_languages()[Language.BOKMAL]


@pytest.mark.parametrize(("movements", "step"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 3), (8, 4), (500, 4)])
def test_more_movement_is_a_stronger_colour(movements: int, step: int) -> None:
    assert step_of(movements) == step


def test_equal_quarters_become_one_stretch() -> None:
    assert list(runs([0, 0, 2, None, None, None, 2])) == [(0, 0, 2), (2, 2, 1), (None, 3, 3), (2, 6, 1)]


def test_what_is_missing_is_hatched_and_what_is_quiet_is_not() -> None:
    marks = row_marks([0] * 40 + [None] * 8 + [3] * 48)

    assert marks.count('class="no-data"') == 1
    assert f'x="{100 * 40 / 96:.4g}%"' in marks
    assert 'class="step-3" d="M48 0h48v10h-48z"' in marks


def test_nothing_known_is_said_as_such() -> None:
    assert active_hours([None] * QUARTERS_A_DAY) is None
    assert missing_hours([None] * QUARTERS_A_DAY) == 24
    assert 'aria-label="Siste døgn: ingen data."' in draw_day_strip(_SPEECH, [None] * QUARTERS_A_DAY, _NOW, _OSLO)


def test_the_strip_names_itself_for_a_screen_reader() -> None:
    strip = draw_day_strip(_SPEECH, [1] * 40 + [0] * 40 + [None] * 16, _NOW, _OSLO)

    assert 'aria-label="Siste døgn: bevegelse i 10 timer. Ingen data i 4 timer."' in strip


def test_the_strip_ends_with_the_present_quarter() -> None:
    assert start_of(_NOW) + timedelta(days=1) == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def test_hours_below_the_strip_are_the_homes_own_on_the_day_the_clock_changes() -> None:
    sunday_noon = datetime(2026, 3, 29, 10, 0, tzinfo=UTC)

    hours = local_hours(sunday_noon, _OSLO)

    assert hours.count(2) == 0  # the clock goes from 02 to 03
    assert hours[0] == 11
    assert hours[-1] == 12


def test_no_chart_needs_a_style_attribute() -> None:
    drawn = draw_day_strip(_SPEECH, [0, 5, None] * 32, _NOW, _OSLO)
    week = draw_actogram(_SPEECH, [(date(2026, 3, 3), [0, 5, None] * 32)], _NOW, _OSLO)

    assert not re.search(r"\sstyle=|<style|<script", drawn + week.scale + week.rows[0].marks)


def test_a_day_that_took_longer_reaches_higher_and_one_without_alerts_stays_blank() -> None:
    lines = [(1.0, "1 s"), (60.0, "1 min"), (3600.0, "1 h")]
    drawn = draw_day_spans([(2.0, 20.0), None, (30.0, 600.0)], lines)

    bars = re.search(r'class="reach"[^>]* d="([^"]*)"', drawn)
    assert bars is not None
    ends = [float(end) for end in re.findall(r"V([\d.]+)", bars[1])]
    assert len(ends) == 2
    assert ends[1] < ends[0], "up is less"
    assert ("1 min" in drawn, "1 h" in drawn) == (True, False)
    assert not re.search(r"\sstyle=", drawn)


def test_a_month_of_equal_or_no_times_can_be_drawn() -> None:
    for days in ([], [None], [(0.0, 0.0)], [(5.0, 5.0)] * 31):
        assert "<svg" in draw_day_spans(days, [(1.0, "1 s")])


def test_what_is_to_come_today_is_blank_and_not_hatched() -> None:
    today = [1] * 12 + [None] * 84

    week = draw_actogram(_SPEECH, [(date(2026, 3, 2), [2] * 96), (date(2026, 3, 3), today)], _NOW, _OSLO)

    assert [row.is_today for row in week.rows] == [False, True]
    assert "no-data" not in week.rows[1].marks.replace('fill="url(#no-data)"', "")
    assert 'class="present"' in week.rows[1].marks
    assert week.rows[1].label == "tir. 3. mars"


def test_the_table_tells_hours_a_dash_for_missing_and_nothing_for_what_is_to_come() -> None:
    night_only = [1] * 6 + [0] * 5 + [None] * 85
    blind = [None] * 48 + [1] * 48

    week = draw_actogram(_SPEECH, [(date(2026, 3, 2), blind), (date(2026, 3, 3), night_only)], _NOW, _OSLO)

    assert week.rows[0].hours == ("–", "–", "6,0", "6,0")
    assert week.rows[1].hours == ("1,5", "", "", "")
