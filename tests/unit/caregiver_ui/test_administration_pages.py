"""The pages of an administrator: faults stand beside their fields, secrets are shown once, nobody is deleted."""

import re

import pytest
from builders import T0, rows_of, sensor
from page_site import Site
from sqlalchemy import text

from server.access.tables import Person, Unit
from server.residents.tables import Home, Sensor


def test_a_unit_is_made_below_another_and_renamed(site: Site) -> None:
    arne = site.browser("arne")

    made = arne.post("/admin/units", {"name": "Team 1", "kind": "team", "above": "nord"})

    assert made.headers["location"] == "/admin/units"
    code = next(row.code for row in rows_of(site.database, Unit) if row.name == "Team 1")
    assert "Endre Team 1" in arne.get(f"/admin/units?unit={code}").text
    arne.post("/admin/units", {"unit": code, "name": "Team A", "kind": "zone", "above": "nord"})
    assert "Team A" in arne.get("/admin/units").text


def test_a_circle_is_refused_beside_the_field_and_what_was_typed_stays(site: Site) -> None:
    arne = site.browser("arne")
    arne.post("/admin/units", {"name": "Team 1", "kind": "team", "above": "nord"})
    code = next(row.code for row in rows_of(site.database, Unit) if row.name == "Team 1")

    answer = arne.post("/admin/units", {"unit": code, "name": "Nytt navn", "kind": "team", "above": code})

    assert answer.status_code == 422
    assert "En enhet kan ikke ligge under seg selv" in answer.text
    assert 'value="Nytt navn"' in answer.text


def test_a_new_account_shows_its_password_once(site: Site) -> None:
    arne = site.browser("arne")
    typed = {"username": "kari", "name": "Kari", "role": "nurse", "unit": "nord", "language": "nn"}

    page = arne.post("/admin/people", typed).text

    found = re.search(r'class="once"><code>([^<]+)', page)
    assert found is not None
    assert found[1] not in arne.get("/admin/people/kari").text
    signed_in = site.browser().post("/sign-in", {"username": "kari", "password": found[1]})
    assert signed_in.status_code == 303


def test_an_account_with_faults_keeps_what_was_typed(site: Site) -> None:
    typed = {"username": "maria", "name": "", "role": "nurse", "unit": "nord", "language": "nb"}

    answer = site.browser("arne").post("/admin/people", typed)

    assert answer.status_code == 422
    assert "Dette er allerede i bruk av en annen." in answer.text
    assert "Dette mangler." in answer.text
    assert 'value="maria"' in answer.text


def test_an_account_is_closed_and_opened_again_and_never_deleted(site: Site) -> None:
    arne, maria = site.browser("arne"), site.browser("maria")

    assert "Åpne kontoen igjen" in arne.post("/admin/people/maria/close", {}).text

    assert maria.get("/").headers["location"].startswith("/sign-in")
    assert "maria" in [row.username for row in rows_of(site.database, Person)]
    arne.post("/admin/people/maria/reopen", {})
    assert site.browser("maria").get("/").status_code == 200
    assert "Du kan ikke gjøre dette med din egen konto" in arne.post("/admin/people/arne/close", {}).text


HOME = {"name": "Olav", "birth_year": "1941", "phone": "", "address": "Storgata 1", "unit": "nord",
        "time_zone": "Europe/Oslo"}  # fmt: skip


def test_a_home_is_made_gets_a_sensor_and_a_code_that_is_shown_once(site: Site) -> None:
    arne = site.browser("arne")
    where = arne.post("/admin/residents", HOME).headers["location"]

    new = {"sensor_address": "A4:C1:38:00:00:99", "room": "kitchen", "kinds": ["motion", "temperature"]}
    assert arne.post(f"{where}/sensors", new).status_code == 303
    page = arne.get(where).text
    assert "Kjøkken: Bevegelse, Temperatur" in page

    coded = arne.post(f"{where}/gateway/code", {}).text
    code = re.search(r'class="once"><code>([^<]+)', coded)
    assert code is not None
    assert code[1] not in arne.get(where).text
    assert 'data-level="normal"' in arne.get(where).text


def test_a_home_and_a_sensor_with_faults_say_so_beside_their_fields(site: Site) -> None:
    arne = site.browser("arne")

    home = arne.post("/admin/residents", {**HOME, "birth_year": "for lenge siden", "address": ""})
    wrong = {"sensor_address": "hei", "room": "kitchen", "kinds": ["motion"]}
    hung = arne.post("/admin/residents/home-a/sensors", wrong)

    assert (home.status_code, hung.status_code) == (422, 422)
    assert "Et år som 1941." in home.text
    assert 'value="for lenge siden"' in home.text
    assert "slik det står på sensoren" in hung.text
    assert 'value="hei"' in hung.text
    assert len(rows_of(site.database, Home)) == 3


def test_a_sensor_is_replaced_and_removed(site: Site) -> None:
    arne, old = site.browser("arne"), sensor("a", "01")

    arne.post("/admin/residents/home-a/sensors", {"sensor_address": "a4c138000098", "instead_of": old})
    assert old not in [row.address for row in rows_of(site.database, Sensor)]
    arne.post("/admin/residents/home-a/sensors/a4c138000098/remove", {})

    assert "a4c138000098" not in arne.get("/admin/residents/home-a").text


def test_a_sensors_room_is_offered_by_its_name_and_may_be_another(site: Site) -> None:
    page = site.browser("arne").get("/admin/residents/home-a").text

    assert 'list="room-offered"' in page
    assert '<option value="kitchen">Kjøkken</option>' in page
    assert '<option value="living">' not in page


def test_the_audit_says_who_looked_and_that_its_chain_holds_until_somebody_alters_it(site: Site) -> None:
    site.browser("maria").get("/residents/res-a")
    arne = site.browser("arne")

    page = arne.get("/admin/audit?who=maria&first=2025-01-15&last=2025-01-15").text
    assert "Beboer res-a" in page
    assert "Loggen er hel" in page
    assert "Beboer res-a" not in arne.get("/admin/audit?who=ola").text
    assert "Det er ingen dag." in arne.get("/admin/audit?first=i+går").text

    with site.database.transaction() as db:
        db.connection().execute(text("UPDATE audit_entry SET why = 'x' WHERE audit_entry_id = 1"))
    assert "Loggen er brutt ved innføring 1" in arne.get("/admin/audit").text
    assert site.clock.present == T0


def test_the_audit_of_a_resident_holds_what_was_done_with_their_alerts(site: Site) -> None:
    alert = site.press()
    site.browser("maria").post(f"/alerts/{alert}/take", data={"version": 1})

    arne = site.browser("arne")

    assert "Tok et varsel" in arne.get("/admin/audit?resident=res-a").text
    assert "Tok et varsel" not in arne.get("/admin/audit?resident=res-t").text


@pytest.mark.parametrize("path", ["/admin/units", "/admin/people", "/admin/residents", "/admin/audit"])
def test_only_administrators_come_in(site: Site, path: str) -> None:
    assert [site.browser(who).get(path).status_code for who in ("maria", "siri", "anne", "tess")] == [403] * 4
