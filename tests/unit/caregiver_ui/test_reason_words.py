"""Why an alert came is told in whole sentences, in every language and for every reason there is."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import models.stays
import server
from caregiver_ui.language import NORWAY, Language, load_languages
from caregiver_ui.reason_words import reason_lines, why_lines
from models import reasons
from models.technical.findings import Fault
from models.trends.kinds import KINDS
from server.alerting.service import Reason

_NOW = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
_LANGUAGES = load_languages()
_BOKMAL = _LANGUAGES[Language.BOKMAL]
_SEEN_AT = "2026-03-03T06:02:00+00:00"
# Something in every place that any sentence has.
_EVERYTHING: dict[str, Any] = {
    "minutes": 61, "usual_minutes": 30, "active_minutes": 12, "moves": 4, "days": 9, "learned_days": 9, "hours": 3,
    "celsius": 14.5, "limit_celsius": 16.0, "measure": "heart_rate", "value": 121.0, "limit": 110.0, "usual": 72.0,
    "changed": 2.4, "day": 11, "usual_day": 5.0, "two_days": 20, "usual_two_days": 10.0, "door_at": "02:41",
    "room": "bathroom", "last_room": "living", "last_seen_at": _SEEN_AT, "since": _SEEN_AT, "times": 2,
    "place": "kitchen", "place_minutes": 9, "usual_place_minutes": 3,
    "silent_min": 70, "silent_homes": 7, "homes": 9, "events": 90, "change_percent": -31, "change_minutes": None,
}  # fmt: skip
_SOURCE_STAYS = Path(models.stays.__file__).parent
_SOURCE_SERVER = Path(server.__file__).parent


def _strings(node: ast.AST) -> Iterator[str]:
    return (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _first_arguments(path: Path, *names: str) -> Iterator[str]:
    """Return what calls of these names have as their first argument, where that is a plain string."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)


def _of_stays() -> Iterator[str]:
    """Return the seventh argument of every `Standing`, and what a variable or function `reason` can be."""
    for path in _SOURCE_STAYS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Standing" and len(node.args) > 5:
                yield from (text for text in _strings(node.args[5]))
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
                yield from (() if isinstance(node.value, ast.Call) else _strings(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name == "_reason":
                yield from (text for one in ast.walk(node) if isinstance(one, ast.Return) for text in _strings(one))


def _every_key() -> set[str]:
    of_rhythm = _first_arguments(Path(reasons.__file__), "Reason", "_silence")
    of_server = (key for path in _SOURCE_SERVER.rglob("*.py") for key in _first_arguments(path, "Reason"))
    of_trends = (part.key for kind in KINDS.values() for part in kind.parts)
    urgent = {"pressed", "pulled", "smoke", "water", "fall", "sensor_silent"}
    ends = reasons._ENDS.values()
    return {*of_rhythm, *_of_stays(), *of_server, *of_trends, *ends, *(fault.value for fault in Fault), *urgent}


def test_all_keys_are_found_where_they_are_made() -> None:
    some = {"no_movement_for", "not_up_for", "up_at_night", "learned_from", "ends_with_kitchen", "in_bathroom_for",
            "weight_gained", "weight_lost", "vital_unusual", "vital_outside_limits", "cold_for", "door_open_for",
            "trend.day_turned", "fleet_outage", "gateway_deaf", "home_unseen", "battery_low"}  # fmt: skip

    assert some <= _every_key()


def test_who_wanders_is_told_of_by_where_it_was_unlike_other_nights_not_by_how_much_is_usual() -> None:
    figures = {"active_minutes": 12, "usual_minutes": 30, "moves": 4, "place": "kitchen", "place_minutes": 9,
               "usual_place_minutes": 3}  # fmt: skip

    told = reason_lines(_BOKMAL, "up_at_night", figures, NORWAY, _NOW)
    a_lot = reason_lines(_BOKMAL, "up_at_night", {**figures, "active_minutes": 40}, NORWAY, _NOW)

    assert list(told) == [
        "Bevegelse i 12 minutter av den siste timen.",
        "9 av dem på kjøkkenet: ni av ti netter er det under 3 min der på denne tiden.",
        "Gikk fra et rom til et annet 4 ganger.",
    ]
    assert a_lot[0] == "Bevegelse i 40 minutter av den siste timen. Vanlig på denne tiden er under 30 min."


@pytest.mark.parametrize(("language", "key"), sorted(product(Language, _every_key())))
def test_every_reason_has_words_in_every_language_with_figures_and_without(language: Language, key: str) -> None:
    speech = _LANGUAGES[language]

    for figures in (_EVERYTHING, {}):
        lines = reason_lines(speech, key, figures, NORWAY, _NOW)
        assert lines
        assert all(lines)
        assert not any(f"({key})" in line or "{" in line for line in lines)


@pytest.mark.parametrize(
    ("key", "figures", "told"),
    [
        (
            "no_movement_for",
            {"minutes": 190, "usual_minutes": 55, "middle_minutes": 12},
            ("Ingen bevegelse på 3 t 10 min. Vanlig på denne tiden er under 55 min.",),
        ),
        (
            "no_movement_for",
            {"minutes": 720, "usual_minutes": 720, "unseen_rooms": ["hall"]},
            (
                "Ingen bevegelse på 12 t. Så lenge hjemmet er lite kjent, varsles det over 12 t.",
                "En sensor er taus der: Bevegelse i gangen blir ikke sett.",
            ),
        ),
        ("no_movement_for", {"minutes": 61}, ("Ingen bevegelse på 1 t 1 min.",)),
        (
            "many_bathroom_visits",
            {"day": 1, "usual_day": 0.4, "two_days": 14, "usual_two_days": 8.0},
            (
                "1 besøk på badet på 24 timer. Vanlig er 0,4.",
                "14 besøk på badet på 48 timer. Vanlig er 8,0.",
            ),
        ),
        (
            "left_and_not_back",
            {"minutes": 45, "door_at": "02:41"},
            ("En ytterdør ble brukt 02:41, og ingenting er hørt på 45 min.",),
        ),
        (
            "vital_unusual",
            {"measure": "weight", "value": 81.25, "limit": 80.0, "usual": 78.0},
            (
                "Vekt 81,2 kg: utenfor det som er vanlig for denne beboeren (80,0 kg).",
                "Vanlig for denne beboeren er 78,0 kg.",
            ),
        ),
        ("vital_unusual", {"measure": "phase_of_the_moon", "value": 1}, ("En måling er uvanlig.",)),
        (
            "trend.times_up",
            {"change_percent": 40, "days": 7},
            ("Ganger oppe om natten: 40 % mer enn for 1 uke siden.",),
        ),
        (
            "trend.day_turned",
            {"change_minutes": -50, "days": 21},
            ("Døgnrytmen: 50 min tidligere enn for 3 uker siden.",),
        ),
        (
            "trend.quiet_minutes_lost",
            {"change_minutes": 70, "days": 21},
            ("Rolig tid i sengen: 1 t 10 min mindre i døgnet enn for 3 uker siden.",),
        ),
        ("pressed", {"room": "bathroom", "times": 1}, ("Hjelpeknappen ble trykket på badet.",)),
        ("pressed", {"room": None, "times": 3}, ("Hjelpeknappen ble trykket 3 ganger.",)),
        ("pulled", {"room": "bathroom"}, ("Noen trakk i snora på badet.",)),
        ("water", {"room": "wine_cellar"}, ("Vannvarsleren i «wine cellar» melder om vann.",)),
        (
            "gateway_silent",
            {"since": (_NOW - timedelta(minutes=32)).isoformat(), "minutes": 32},
            (
                "Sentralen i hjemmet har ikke gitt lyd fra seg på 32 min.",
                "Sist hørt 09:40.",
                "Før den høres igjen, vet vi ikke hvordan det står til i hjemmet.",
            ),
        ),
        ("moon_phase", {}, ("Tjenesten oppgir en årsak denne siden ikke har ord for (moon_phase).",)),
        ("trend.moon_phase", {}, ("Tjenesten oppgir en årsak denne siden ikke har ord for (trend.moon_phase).",)),
    ],
)
def test_a_reason_is_told_in_whole_sentences(key: str, figures: dict[str, Any], told: tuple[str, ...]) -> None:
    assert reason_lines(_BOKMAL, key, figures, NORWAY, _NOW) == told


def test_the_reason_comes_first_then_how_sure_what_ends_it_and_where_somebody_was_last_seen() -> None:
    figures = {"minutes": 190, "usual_minutes": 55, "last_room": "kitchen", "last_seen_at": _SEEN_AT, "learned_days": 1}
    told = (
        Reason("no_movement_for", figures), Reason("learned_from", {"days": 9}), Reason("ends_with_movement", {}),
        Reason("meanwhile_elsewhere", {"minutes": 1}),
    )  # fmt: skip

    assert why_lines(_BOKMAL, told, NORWAY, _NOW) == (
        "Ingen bevegelse på 3 t 10 min. Vanlig på denne tiden er under 55 min.",
        "Imens var det bevegelse andre steder i 1 minutt.",
        "Lært av 9 dager i dette hjemmet.",
        "Det er over når det merkes bevegelse.",
        "Siste bevegelse var på kjøkkenet 07:02.",
    )


def test_what_lasts_says_itself_how_sure_it_is_and_what_ends_it() -> None:
    figures = {"minutes": 52, "usual_minutes": 20, "learned_days": 0, "last_seen_at": _SEEN_AT, "out": True}

    assert why_lines(_BOKMAL, [Reason("in_bathroom_for", figures)], NORWAY, _NOW) == (
        "På badet i 52 min. Vanlig er under 20 min.",
        "Ingenting er lært om dette hjemmet ennå: det som gjelder for mange hjem, gjelder.",
        "Det er over når det er bevegelse i et annet rom.",
        "Siste bevegelse var 07:02.",
        "Det var like etter en ytterdør: kanskje er ingen hjemme.",
    )


def test_a_slow_change_says_that_it_may_be_the_sensors() -> None:
    told = [Reason("trend.active_minutes", {"change_percent": -30, "days": 21})]

    assert why_lines(_BOKMAL, told, NORWAY, _NOW)[-1].startswith("Det kan også være sensorene")


@pytest.mark.parametrize("broken", ["yesterday", "2026-03-03T06:02:00", 7, None])
def test_a_time_that_cannot_be_read_leaves_the_sentence_about_it_out(broken: object) -> None:
    reason = Reason("no_movement_for", {"minutes": 61, "last_seen_at": broken})

    assert why_lines(_BOKMAL, [reason], NORWAY, _NOW, is_over=True) == ("Ingen bevegelse på 1 t 1 min.",)
