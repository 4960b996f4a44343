"""The service's codes become words, in every language and for every code."""

from datetime import UTC, datetime

import pytest

from caregiver_ui import words
from caregiver_ui.alert_words import log_words
from caregiver_ui.language import Language, load_languages
from gateway.contract.heartbeat import Trouble
from models.finding import FindingKind
from server.alerting.life import Cause, Measure
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome
from server.alerting.views import LogLine

_LANGUAGES = load_languages()
_BOKMAL = _LANGUAGES[Language.BOKMAL]
_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_DETAIL = {LogEvent.CAUSE: Cause.UNKNOWN, LogEvent.MEASURE: Measure.HELPED_THERE, LogEvent.FORWARDED: "Jonas"}


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words_in_every_language(language: Language) -> None:
    speech = _LANGUAGES[language]

    said = [words.kind_words(speech, kind) for kind in AlertKind]
    said += [words.kind_words(speech, kind) for kind in FindingKind if kind.value not in set(AlertKind)]
    said += [words.outcome_words(speech, outcome) for outcome in Outcome]
    said += [log_words(speech, LogLine(_NOON, event, "Maria", _DETAIL.get(event), None)) for event in LogEvent]
    said += [words.trouble_words(speech, trouble) for trouble in Trouble]

    assert all(said)
    assert len(set(said)) >= len(said) - 1  # «technical fault» is both an outcome and nothing else twice


def test_the_reader_is_addressed_and_others_are_named() -> None:
    assert words.state_words(_BOKMAL, AlertStatus.TAKEN, None, "02:38") == "Du tok det 02:38"
    assert words.state_words(_BOKMAL, AlertStatus.TAKEN, "Maria", "02:38") == "Tatt av Maria 02:38"
    assert words.state_words(_LANGUAGES[Language.NYNORSK], AlertStatus.ON_THE_WAY, "Maria", "") == "Maria er på veg"
    assert words.state_words(_BOKMAL, AlertStatus.REPORTED, "Maria", "02:38") == ""


def test_a_trouble_of_a_newer_gateway_is_shown_as_it_is() -> None:
    assert words.trouble_words(_BOKMAL, "gremlins") == "gremlins"
