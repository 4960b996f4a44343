"""The pages of those who keep devices and review development, and the wall of a duty room."""

from datetime import date, timedelta

import numpy as np
import pytest
from builders import BUTTON, DAY, HOUR, MINUTE, MOTION, T0, rows_of, send, sensor
from page_site import Reader, Site
from sqlmodel import select

from gateway.contract.heartbeat import SensorHealth
from models.days.column import Column
from models.days.kept import FIGURES, QUARTERS, DaysKept
from server.board.tables import BoardScreen
from server.detection.days import keep_days
from server.liveness.sensors import raise_for_silent_sensors
from server.residents.tables import Home

_MOTION = sensor("a", MOTION)


def hear(site: Site, *heard: str) -> None:
    now = site.clock.present
    told = tuple(SensorHealth(sensor_id=address, last_heard_at=now) for address in heard)
    send(site.database, site.gateway.heartbeat(now, sensors=told), now)


def silence(site: Site) -> None:
    """Let a sensor of home-a fall silent while its gateway lives on."""
    hear(site, _MOTION)
    for _ in range(6):
        site.clock.present += 12 * HOUR
        hear(site)
        raise_for_silent_sensors(site.database, site.clock.present)


def lived(site: Site, less: float = 1.0) -> None:
    """Keep five weeks of home-a, the last of them with another amount of movement."""
    days = 35
    figures = np.full((days, FIGURES), np.nan, np.float32)
    figures[:, Column.ACTIVE] = [200.0 + place % 5 for place in range(28)] + [200.0 * less] * 7
    figures[:, Column.IN_BED_FROM], figures[:, Column.IN_BED_TO] = 10.5 * 60, 7 * 60
    quarters = np.zeros((days, QUARTERS), np.uint8)
    quarters[:, 30:80] = 5
    quarters[4] = 255
    first = (T0.date() - timedelta(days=days) - date(1970, 1, 1)).days
    with site.database.transaction() as db:
        home = db.exec(select(Home).where(Home.code == "home-a")).one()
        keep_days(db, home.home_id or 0, DaysKept(first, figures, quarters, np.ones(days, np.bool_)))


def test_the_board_names_who_is_at_risk_and_by_what(site: Site) -> None:
    silence(site)

    page = site.browser("siri").get("/devices").text

    assert "Ingen sensor ville merke bevegelse" in page
    assert "Høres ikke" in page
    assert "Inger A" in page
    assert site.browser("siri").get("/parts/devices").status_code == 200


@pytest.mark.parametrize("old", ["/sensors", "/technical"])
def test_an_old_address_leads_to_the_board(site: Site, old: str) -> None:
    assert site.browser("maria").get(old).headers["location"] == "/devices"


def test_a_snooze_says_who_answers_and_why_and_a_bad_one_keeps_what_was_typed(site: Site) -> None:
    silence(site)
    siri = site.browser("siri")
    form: dict[str, object] = {"kind": "snooze", "fault": "sensor_silent", "days": 2, "why": ""}

    empty = siri.post(f"/devices/{_MOTION}/marks", data=form)
    long = siri.post(f"/devices/{_MOTION}/marks", data={**form, "why": "Ny kommer", "days": 60})
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Si hvorfor med noen få ord" in empty.text
    assert 'value="Ny kommer"' in long.text
    assert "Fra én dag til 7" in long.text

    kept = siri.post(f"/devices/{_MOTION}/marks", data={**form, "why": "Ny kommer"})
    assert kept.headers["location"] == f"/devices/homes/home-a#fault-{_MOTION}"
    assert "Siri har ansvaret til" in siri.get("/devices").text
    siri.post(f"/devices/{_MOTION}/wake", data={})
    assert "Siri har ansvaret til" not in siri.get("/devices").text


def test_one_homes_devices_are_for_its_unit_alone(site: Site) -> None:
    assert site.browser("maria").get("/devices/homes/home-a").status_code == 200
    assert site.browser("per").get("/devices/homes/home-a").status_code == 404
    assert site.browser("per").post(f"/devices/{_MOTION}/wake", data={}).status_code == 404
    assert site.browser("anne").get("/devices").status_code == 403


def test_the_overview_puts_who_changed_first_and_says_how(site: Site) -> None:
    lived(site, less=0.4)
    page = site.browser("siri").get("/overview").text

    assert page.index("Inger A") < page.index("Inger T")
    assert "1 h 20 min, mindre enn vanlige 3 h 22 min" in page or "1 t 20 min, mindre enn vanlige 3 t 22 min" in page
    assert 'class="spark far"' in page
    changed = site.browser("siri").get("/overview?show=changed").text
    assert "Inger A" in changed
    assert "Inger T" not in changed


def test_the_development_shows_bands_nights_and_missing_days_with_a_table_beside(site: Site) -> None:
    lived(site, less=0.4)
    site.press()
    siri = site.browser("siri")

    page = siri.get("/residents/res-a/development").text

    assert "Den siste uken skilte seg fra de fire ukene før. Minutter med bevegelse:" in page
    assert 'class="diamonds"' in page
    assert 'class="no-data"' in page
    assert "<td>3 t 20 min</td>" in page or "<td>3 h 20 min</td>" in page
    assert siri.get("/residents/res-a/development?rows=noon").text.count("acto-row") == 35
    assert site.browser("per").get("/residents/res-a/development").status_code == 404
    assert site.browser("anne").get("/residents/res-a/development").status_code == 403


def test_a_home_of_which_nothing_was_kept_says_so(site: Site) -> None:
    page = site.browser("siri").get("/residents/res-a/development").text

    assert "Ingenting er kjent ennå" in page


def test_an_alert_is_among_the_weeks_before_a_homes_first_night(site: Site) -> None:
    alert = site.press()
    site.clock.present += HOUR

    page = site.browser("siri").get("/residents/res-a/development").text

    assert f'href="/alerts/{alert}"' in page


def test_a_note_is_kept_and_an_empty_one_comes_back_with_the_reason(site: Site) -> None:
    siri = site.browser("siri")
    path = "/residents/res-a/development"

    assert "Skriv noe først" in siri.post(f"{path}/notes", data={"text": "  "}).text
    too_long = siri.post(f"{path}/notes", data={"text": "x" * 2001})
    assert too_long.status_code == 422
    assert "x" * 2001 in too_long.text
    assert siri.post(f"{path}/notes", data={"text": "Ringte datteren <b>"}).headers["location"] == f"{path}#notes"
    assert "Ringte datteren &lt;b&gt;" in site.browser("maria").get(path).text


def test_the_figures_show_a_month_and_refuse_what_is_none(site: Site) -> None:
    site.press()
    siri = site.browser("siri")

    assert "januar 2025" in siri.get("/figures").text
    wrong = siri.get("/figures?month=2025-13")
    assert (wrong.status_code, 'value="2025-13"' in wrong.text) == (422, True)
    file = siri.get("/figures.csv?month=2025-01")
    assert file.headers["content-disposition"] == 'attachment; filename="livsrytme-2025-01.csv"'
    assert site.browser("maria").get("/figures").status_code == 403


def opened_screen(site: Site) -> Reader:
    made = site.browser("siri").post("/board/screens", data={"name": "Vaktrom"})
    code = made.text.partition('<p class="code">')[2].partition("<")[0]
    screen = Reader(site.app)
    assert screen.get("/board").status_code == 401
    assert screen.post("/board/open", data={"code": code.lower()}).headers["location"] == "/board"
    assert Reader(site.app).post("/board/open", data={"code": code}).status_code == 403  # once
    return screen


def test_a_screen_is_opened_once_with_its_code_and_shows_no_name(site: Site) -> None:
    screen = opened_screen(site)
    site.press()

    wall = screen.get("/board").text

    assert 'class="flat long">Fjellveien 12<' in wall
    assert "1 leilighet trenger noen." in wall
    assert "data-sound" in screen.get("/parts/board").text
    assert "Inger" not in wall
    assert "trykk" not in wall.lower().replace("lyden er av: trykk her", "")
    refused = {path: screen.get(path).status_code for path in ("/", "/devices", "/residents/res-a")}
    assert set(refused.values()) == {303}


def test_a_screen_that_was_ended_shows_nothing_more(site: Site) -> None:
    screen = opened_screen(site)
    [row] = rows_of(site.database, BoardScreen)
    assert site.browser("per").post(f"/board/screens/{row.code}/end", data={}).status_code == 403

    site.browser("arne").post(f"/board/screens/{row.code}/end", data={})

    assert screen.get("/board").status_code == 401
    assert screen.get("/parts/board").status_code == 303


def test_a_wall_says_all_is_well_only_where_everything_is_known(site: Site) -> None:
    maria = site.browser("maria")
    hear(site, _MOTION)
    assert "Vi vet ikke akkurat nå om 1 leilighet." in maria.get("/board").text  # home-t was never heard

    site.gateway.letter = "t"
    hear(site)
    assert "Alt er vel, oppdatert 10:00." in maria.get("/board").text
    site.clock.present += 30 * MINUTE
    assert "Alt er vel" not in maria.get("/board").text


def test_who_has_an_alert_stands_on_the_wall_by_first_name_and_the_sound_ends(site: Site) -> None:
    alert = site.press()
    maria = site.browser("maria")
    maria.post(f"/alerts/{alert}/take", data={"version": 1})

    wall = maria.get("/parts/board").text

    assert "Maria har det" in wall
    assert "data-sound" not in wall


def test_the_old_walk_of_tests_leads_back_to_the_home(site: Site) -> None:
    answer = site.browser("maria").post(f"/sensors/{sensor('a', BUTTON)}/test", data={})

    assert answer.headers["location"] == f"/devices/homes/home-a#{sensor('a', BUTTON)}"
    assert site.clock.present < T0 + DAY
