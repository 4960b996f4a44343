"""The list of residents: those who need somebody first, some to a page, found by name or address."""

import re

from builders import MINUTE, T0, send
from page_site import Site
from sqlmodel import select

from server.residents.tables import Home, Resident


def _neighbours(site: Site, count: int) -> None:
    """Let `count` more people live in the unit, after home-a's by their names."""
    with site.database.transaction() as db:
        unit_id = db.exec(select(Home.unit_id).where(Home.code == "home-a")).one()
        for number in range(count):
            home = Home(code=f"n{number:02d}", unit_id=unit_id, address=f"Ny vei {number}", time_zone="Europe/Oslo")
            db.add(home)
            db.flush()
            lives = {"home_id": home.home_id, "unit_id": unit_id, "birth_year": 1940}
            db.add(Resident(code=f"res-n{number:02d}", name=f"Åse {number:02d}", **lives))


def _names(text: str) -> list[str]:
    return re.findall(r'href="/residents/(res-[a-z0-9]+)"', text)


def test_a_large_unit_is_shown_some_to_a_page_and_whoever_calls_stands_first(site: Site) -> None:
    _neighbours(site, 20)
    site.clock.present = T0 + MINUTE
    maria = site.browser("maria")
    site.press()

    first, second = (maria.get(f"/residents?page={page}").text for page in (1, 2))

    assert _names(first)[0] == "res-a"
    assert len(_names(first)) == 12
    everybody = {*_names(first), *_names(second)}
    assert {f"res-n{number:02d}" for number in range(20)} <= everybody
    assert "Side 1 av 2" in first
    assert 'href="/residents?page=1' in second
    assert _names(maria.get("/parts/residents?page=2").text) == _names(second)
    assert "Alle" in maria.get("/").text


def test_somebody_is_found_by_name_or_address(site: Site) -> None:
    _neighbours(site, 20)
    siri = site.browser("siri")

    assert _names(siri.get("/residents?find=åse 07").text) == ["res-n07"]
    assert _names(siri.get("/residents?find=NY VEI 3").text) == ["res-n03"]
    nobody = siri.get("/residents?find=<b>").text
    assert "Ingen ble funnet." in nobody
    assert 'value="&lt;b&gt;"' in nobody


def test_a_page_beyond_the_last_is_empty_and_who_is_not_at_work_is_led_to_their_own(site: Site) -> None:
    send(site.database, site.gateway.heartbeat(T0), T0)

    assert site.browser("maria").get("/residents?page=99").status_code == 200
    assert site.browser("anne").get("/residents").headers["location"] == "/"
