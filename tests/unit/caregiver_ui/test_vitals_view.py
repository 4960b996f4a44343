"""Measurements are shown with their unit, their time and every doubt; what was not a person's is no value of theirs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from caregiver_ui import vital_words
from caregiver_ui.charts.trend import draw_trend
from caregiver_ui.language import NORWAY, Language, load_languages
from caregiver_ui.views.vitals import VitalsPanel, vitals_panel
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import VITALS, SensorKind
from server.vitals.service import StoredVital

_NOW = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
_LANGUAGES = load_languages()


def vital(kind: SensorKind, value: float, hours_ago: float = 1, **different: object) -> StoredVital:
    at = _NOW - timedelta(hours=hours_ago)
    one = StoredVital(kind, value, at, True, 1, None, (), None, None)  # noqa: FBT003
    return replace(one, **different)  # type: ignore[arg-type]


def panel(*vitals: StoredVital) -> VitalsPanel:
    found = vitals_panel(_LANGUAGES[Language.BOKMAL], vitals, NORWAY, _NOW)
    assert found is not None
    return found


def pressure(upper: float, lower: float, hours_ago: float = 1, **different: object) -> list[StoredVital]:
    values = {SensorKind.SYSTOLIC: upper, SensorKind.DIASTOLIC: lower, SensorKind.MEAN_ARTERIAL: 95}
    return [vital(kind, value, hours_ago, **different) for kind, value in values.items()]


def test_a_home_without_such_devices_has_no_section() -> None:
    assert vitals_panel(_LANGUAGES[Language.BOKMAL], [], NORWAY, _NOW) is None


def test_a_blood_pressure_is_one_thing_with_its_time_and_its_doubts() -> None:
    shown = panel(*pressure(120, 71, 25), *pressure(138, 83, doubts=(Doubt.IRREGULAR_PULSE,)))

    [card] = shown.cards
    assert (card.name, card.figure, card.unit, card.when) == ("Blodtrykk", "138/83", "mmHg", "09:12")
    assert card.doubts == ("Uregelmessig puls",)
    assert card.sentence == "2 de siste 30 dagene, fra 120/71 til 138/83."
    assert [(row.when, row.figure, row.remarks) for row in shown.rows] == [
        ("09:12", "138/83 mmHg", "Uregelmessig puls · middel 95"),
        ("i går 09:12", "120/71 mmHg", "middel 95"),
    ]


def test_a_later_try_without_a_value_is_told_beside_the_latest_value() -> None:
    failed = vital(
        SensorKind.MEASURED_NOTHING,
        1,
        0.5,
        missed=SensorKind.SYSTOLIC,
        doubts=(Doubt.CUFF_LOOSE,),
        by_device_clock=False,
    )
    shown = panel(*pressure(120, 80), failed)

    assert shown.cards[0].figure == "120/80"
    assert shown.cards[0].doubts == ("Et senere forsøk ga ingen verdi: 09:42",)
    assert shown.rows[0].figure == "ingen verdi"
    assert shown.rows[0].remarks == "Mansjetten satt løst · Tidspunktet er da den ble hentet"


def test_a_test_of_the_device_is_in_the_table_and_never_the_person_s_value() -> None:
    tested = vital(SensorKind.GLUCOSE, 20.1, 1, doubts=(Doubt.NOT_A_PERSON,))
    shown = panel(vital(SensorKind.GLUCOSE, 5.5, 2, meal=Meal.FASTING), tested)

    assert [(card.figure, card.notes) for card in shown.cards] == [("5,5", ("Fastende",))]
    assert shown.rows[0].remarks == "En test av apparatet, ikke av et menneske"


def test_where_two_people_use_a_device_each_value_says_whose_it_is() -> None:
    shown = panel(vital(SensorKind.WEIGHT, 61.5, 2, device_user=1), vital(SensorKind.WEIGHT, 84, 1, device_user=2))

    assert [row.remarks for row in shown.rows] == ["Person 2 på apparatet", "Person 1 på apparatet"]


def test_what_a_newer_gateway_missed_still_has_a_line() -> None:
    shown = panel(
        vital(SensorKind.MEASURED_NOTHING, 1), vital(SensorKind.MEASURED_NOTHING, 1, missed=SensorKind.MOTION)
    )

    assert [row.name for row in shown.rows] == ["En måling", "En måling"]


@pytest.mark.parametrize("language", Language)
def test_everything_measured_and_every_doubt_has_words_in_every_language(language: Language) -> None:
    speech = _LANGUAGES[language]
    kinds = sorted(VITALS - {SensorKind.MEASURED_NOTHING})

    said = [vital_words.vital_name(speech, kind) for kind in kinds]
    said += [vital_words.doubt_words(speech, doubt) for doubt in Doubt]
    said += [vital_words.meal_words(speech, meal) for meal in Meal]

    assert all(said)
    assert len(set(said)) == len(said)
    assert all(vital_words.vital_unit(speech, kind) for kind in kinds)


def test_a_trend_rises_where_the_values_do_and_stays_inside() -> None:
    start = _NOW - timedelta(days=30)
    line = [(start - timedelta(days=1), 100.0), (start + timedelta(days=15), 110.0), (_NOW, 120.0)]

    drawn = draw_trend([line, []], start, _NOW)

    assert 'class="line" vector-effect="non-scaling-stroke" d="M0 100L500 50L1000 0"' in drawn
    assert drawn.count("<path") == 2
    assert draw_trend([], start, _NOW) == ""


def test_a_value_that_does_not_change_is_a_level_line() -> None:
    start = _NOW - timedelta(days=30)

    assert 'd="M0 50L1000 50"' in draw_trend([[(start, 0.0), (_NOW, 0.0)]], start, _NOW)
