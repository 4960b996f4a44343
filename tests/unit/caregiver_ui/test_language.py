"""Dates, times and plurals as people write them in each language."""

from datetime import UTC, datetime, timedelta

import pytest

from caregiver_ui.language import NORWAY, Language, load_languages, pick_language

_NOW = datetime(2026, 3, 3, 1, 47, tzinfo=UTC)
_LANGUAGES = load_languages()


@pytest.mark.parametrize(
    ("language", "day", "ago"),
    [
        (Language.BOKMAL, "tirsdag 3. mars", "for 3 min siden"),
        (Language.NYNORSK, "tysdag 3. mars", "for 3 min sidan"),
        (Language.ENGLISH, "Tuesday 3 March", "3 min ago"),
    ],
)
def test_days_and_ages_are_told_as_people_there_tell_them(language: Language, day: str, ago: str) -> None:
    speech = _LANGUAGES[language]

    assert speech.long_day(_NOW.date()) == day
    assert speech.ago(_NOW - timedelta(minutes=3), _NOW) == ago


def test_a_time_is_told_in_the_homes_own_zone_on_a_24_hour_clock() -> None:
    assert _LANGUAGES[Language.ENGLISH].clock(_NOW + timedelta(hours=12), NORWAY) == "14:47"


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (timedelta(minutes=3), "02:44"),
        (timedelta(hours=3), "i går 23:47"),
        (timedelta(days=2), "søn. 1. mars 02:47"),
    ],
)
def test_a_moment_carries_as_much_of_the_day_as_is_needed(before: timedelta, told: str) -> None:
    assert _LANGUAGES[Language.BOKMAL].moment(_NOW - before, NORWAY, _NOW) == told


def test_less_than_a_minute_ago_is_just_now() -> None:
    assert _LANGUAGES[Language.NYNORSK].ago(_NOW - timedelta(seconds=59), _NOW) == "akkurat no"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, "0 min"), (55, "55 min"), (60, "1 t"), (190, "3 t 10 min"), (47 * 60 + 59, "47 t 59 min"), (2880, "2 dager")],
)
def test_a_length_of_time_is_told_in_hours_and_minutes_up_to_two_days(minutes: int, told: str) -> None:
    assert _LANGUAGES[Language.BOKMAL].span(minutes) == told


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("nn", "en"), "nn"),
        ((None, "en-GB,en;q=0.9,nb;q=0.8"), "en"),
        ((None, "no,sv"), "nb"),
        (("xx", "sv,da,nn-NO"), "nn"),
        ((None, None), "nb"),
    ],
)
def test_the_first_wish_that_we_speak_is_followed(wishes: tuple[str | None, ...], language: str) -> None:
    assert pick_language(*wishes) == language
