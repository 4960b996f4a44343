"""What pages show of residents: what is not known is never shown as well, and relatives see no times of movement."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from caregiver_ui.language import Language, load_languages
from caregiver_ui.levels import Level, level_of_alert, resident_badge
from caregiver_ui.views.resident import resident_card, resident_page
from caregiver_ui.views.technical import gateway_rows
from models.presence import Present, Where
from server.alerting.rules import FACTS, AlertClass, AlertKind
from server.overview.rules import Status
from server.overview.service import DayView, ResidentDetail, ResidentView
from server.residents.tables import Gateway, Home

_NOW = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)  # 10:12 in Norway
_SPEECH = load_languages()[Language.BOKMAL]
# From quarter past ten yesterday: a day, a calm night from half past ten, up at half past six.
_DAY = (3,) * 49 + (0,) * 32 + (2,) * 15

_INGER = ResidentView(
    id="res-a",
    name="Inger Solberg",
    age=88,
    address="Fjellveien 12",
    phone="",
    time_zone="Europe/Oslo",
    status=Status.NORMAL,
    last_active_at=_NOW - timedelta(minutes=7),
    last_room="kitchen",
    is_out=False,
    known_until=_NOW,
    learned_days=30,
    day=_DAY,
)


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (AlertKind.BUTTON, Level.CRITICAL),
        (AlertKind.SMOKE, Level.CRITICAL),
        (AlertKind.INACTIVITY, Level.IMPORTANT),
        (AlertKind.GATEWAY_SILENT, Level.TECHNICAL),
    ],
)
def test_red_is_for_what_is_critical_only(kind: AlertKind, level: Level) -> None:
    assert level_of_alert(FACTS[kind].severity, FACTS[kind].alert_class) is level


def test_a_technical_alert_is_never_red_however_grave() -> None:
    assert level_of_alert(40, AlertClass.TECHNICAL) is Level.TECHNICAL


@pytest.mark.parametrize("status", Status)
def test_only_normal_is_green(status: Status) -> None:
    assert (resident_badge(_SPEECH, status).colour == "success") is (status is Status.NORMAL)


@pytest.mark.parametrize(
    ("different", "told"),
    [
        ({}, "Siste bevegelse 10:05 på kjøkkenet."),
        (
            {"status": Status.UNKNOWN, "known_until": _NOW - timedelta(hours=1)},
            "Siste bevegelse 10:05 på kjøkkenet. Kjent fram til 09:12.",
        ),
        ({"last_active_at": None}, "Ingen bevegelse kjent ennå."),
    ],
)
def test_a_card_tells_the_last_movement_and_how_far_it_is_known(different: dict[str, object], told: str) -> None:
    assert resident_card(_SPEECH, replace(_INGER, **different), _NOW).last_seen == told  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("present", "told"),
    [
        (Present(Where.IN_BED, _NOW - timedelta(hours=10), "bedroom"), "I sengen siden 00:12."),
        (Present(Where.IN_BATHROOM, _NOW - timedelta(minutes=7), "bathroom"), "På badet siden 10:05."),
        (Present(Where.AT_HOME, _NOW - timedelta(minutes=7), "kitchen"), "Hjemme på kjøkkenet siden 10:05."),
        (Present(Where.AT_HOME, _NOW - timedelta(minutes=7)), "Hjemme siden 10:05."),
        (Present(Where.OUT, _NOW - timedelta(hours=1)), "Trolig ute siden 09:12."),
        (Present(Where.UNKNOWN, _NOW), "Det er ikke kjent hvor beboeren er nå."),
        (Present(Where.UNKNOWN, None), "Det er ikke kjent hvor beboeren er nå."),
        (None, ""),
    ],
)
def test_a_card_tells_where_the_resident_is(present: Present | None, told: str) -> None:
    assert resident_card(_SPEECH, replace(_INGER, present=present), _NOW).present == told


@pytest.mark.parametrize(
    ("days", "told"),
    [(0, "dag 1 av 21."), (4, "dag 5 av 21."), (20, "dag 21 av 21."), (21, ""), (28, "")],
)
def test_a_card_tells_how_far_the_learning_is_until_it_can_be_rested_on(days: int, told: str) -> None:
    assert (
        resident_card(_SPEECH, replace(_INGER, learned_days=days), _NOW).learning.removeprefix(
            "Blir kjent med dagene: "
        )
        == told
    )


def test_the_week_is_compared_in_a_sentence() -> None:
    week = (
        *(DayView(date(2026, 2, 25 + n), (1,) * 40 + (0,) * 56) for n in range(3)),
        DayView(date(2026, 2, 28), (1,) * 60 + (0,) * 36),
        DayView(date(2026, 3, 3), (None,) * 96),
    )

    page = resident_page(_SPEECH, ResidentDetail(_INGER, week), _NOW)

    assert page.sentence == "I går var det bevegelse i 15,0 timer; dagene før hadde 10,0 i snitt."


def test_too_few_days_are_not_compared() -> None:
    week = (DayView(date(2026, 3, 2), (1,) * 96), DayView(date(2026, 3, 3), (None,) * 96))

    sentence = resident_page(_SPEECH, ResidentDetail(_INGER, week), _NOW).sentence

    assert sentence == "Det er ikke nok dager å sammenligne med ennå."


@pytest.mark.parametrize(
    ("different", "word"),
    [
        ({}, "Har kontakt"),
        ({"last_heard_at": None}, "Stille"),
        ({"last_heard_at": _NOW - timedelta(minutes=11)}, "Stille"),
        ({"deaf_since": _NOW - timedelta(minutes=9)}, "Radioen hører ingenting"),
        ({"clock_synced": False}, "Klokka er ikke stilt"),
    ],
)
def test_a_gateway_shows_what_is_wrong_with_it(different: dict[str, object], word: str) -> None:
    heard = {"code": "gw-a", "home_id": 1, "last_heard_at": _NOW, "clock_synced": True, **different}
    home = Home(code="home-a", unit_id=1, address="Fjellveien 12", time_zone="Europe/Oslo")

    [row] = gateway_rows(_SPEECH, [(Gateway(**heard), home)], _NOW, timedelta(minutes=10))  # type: ignore[arg-type]

    assert row.badge.word == word
