"""The service's codes and figures become sentences, in every language and for every code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caregiver_ui import words
from caregiver_ui.language import NORWAY, Language, load_languages
from gateway.contract.heartbeat import Trouble
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome

_NOW = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
_LANGUAGES = load_languages()
_BOKMAL = _LANGUAGES[Language.BOKMAL]


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words_in_every_language(language: Language) -> None:
    speech = _LANGUAGES[language]

    said = [words.kind_words(speech, kind) for kind in AlertKind]
    said += [words.outcome_words(speech, outcome) for outcome in Outcome]
    said += [words.event_words(speech, event, "Maria") for event in LogEvent]
    said += [words.trouble_words(speech, trouble) for trouble in Trouble]

    assert all(said)
    assert len(set(said)) >= len(said) - 1  # «technical fault» is both an outcome and nothing else twice


@pytest.mark.parametrize(
    ("key", "figures", "told"),
    [
        (
            "no_movement_for",
            {"minutes": 190, "usual_minutes": 55, "last_room": "kitchen", "last_seen_at": "2026-03-03T06:02:00+00:00"},
            (
                "Ingen bevegelse på 3 t 10 min. Vanlig på denne tiden er under 55 min.",
                "Siste bevegelse var på kjøkkenet 07:02.",
            ),
        ),
        ("no_movement_for", {"minutes": 61}, ("Ingen bevegelse på 1 t 1 min.",)),
        ("pressed", {"room": "bathroom", "times": 1}, ("Hjelpeknappen ble trykket på badet.",)),
        ("pressed", {"room": None, "times": 3}, ("Hjelpeknappen ble trykket 3 ganger.",)),
        ("pulled", {"room": "bathroom"}, ("Noen trakk i snora på badet.",)),
        ("smoke", {"room": "kitchen"}, ("Røykvarsleren på kjøkkenet melder om røyk.",)),
        ("water", {"room": "wine_cellar"}, ("Vannvarsleren i «wine cellar» melder om vann.",)),
        ("fall", {"room": "hallway"}, ("En fallsensor i gangen melder om fall.",)),
        (
            "gateway_silent",
            {"since": (_NOW - timedelta(minutes=32)).isoformat(), "minutes": 32},
            (
                "Porten i hjemmet har ikke gitt lyd fra seg på 32 min.",
                "Sist hørt 09:40.",
                "Før den høres igjen, vet vi ikke hvordan det står til i hjemmet.",
            ),
        ),
        ("moon_phase", {}, ("Tjenesten oppgir en årsak denne siden ikke har ord for (moon_phase).",)),
    ],
)
def test_a_reason_is_told_in_whole_sentences(key: str, figures: dict[str, Any], told: tuple[str, ...]) -> None:
    assert words.reason_lines(_BOKMAL, key, figures, NORWAY, _NOW) == told


@pytest.mark.parametrize("broken", ["yesterday", "2026-03-03T06:02:00", 7, None])
def test_a_time_that_cannot_be_read_leaves_the_sentence_about_it_out(broken: object) -> None:
    lines = words.reason_lines(_BOKMAL, "no_movement_for", {"minutes": 61, "last_seen_at": broken}, NORWAY, _NOW)

    assert lines == ("Ingen bevegelse på 1 t 1 min.",)


def test_the_reader_is_addressed_and_others_are_named() -> None:
    assert words.state_words(_BOKMAL, AlertStatus.TAKEN, None, "02:38") == "Du tok det 02:38"
    assert words.state_words(_BOKMAL, AlertStatus.TAKEN, "Maria", "02:38") == "Tatt av Maria 02:38"
    assert words.state_words(_LANGUAGES[Language.NYNORSK], AlertStatus.ON_THE_WAY, "Maria", "") == "Maria er på veg"
    assert words.state_words(_BOKMAL, AlertStatus.REPORTED, "Maria", "02:38") == ""


def test_a_trouble_of_a_newer_gateway_is_shown_as_it_is() -> None:
    assert words.trouble_words(_BOKMAL, "gremlins") == "gremlins"
