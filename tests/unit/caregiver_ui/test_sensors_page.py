"""The page on which a nurse or a technician tries a sensor."""

from datetime import timedelta

import pytest
from builders import BUTTON, MINUTE, T0, alerts, rows_of, send, sensor
from page_site import Reader, Site
from sqlmodel import select

from gateway.contract.heartbeat import SensorHealth, Trouble
from server.residents.tables import Sensor

_BUTTON = sensor("a", BUTTON)


@pytest.mark.parametrize("username", ["maria", "siri", "arne", "tess"])
def test_a_carer_tries_a_button_and_sees_when_its_press_was_stored(site: Site, username: str) -> None:
    browser = site.browser(username)

    answer = browser.post(f"/sensors/{_BUTTON}/test", data={})
    assert answer.headers["location"] == f"/devices/homes/home-a#{_BUTTON}"
    assert "Prøves til 10:10: Trykk én gang" in browser.get("/devices/homes/home-a").text
    now = T0 + MINUTE
    send(site.database, site.gateway.batch([site.gateway.press(now)]), now + timedelta(seconds=2))
    site.clock.present = now + timedelta(seconds=2)

    page = browser.get("/devices/homes/home-a").text
    assert "Prøven er mottatt: hørt 10:01:00, lagret 10:01:02" in page
    assert alerts(site.database) == []
    assert "Prøven er mottatt" in browser.get("/parts/devices/homes/home-a").text


def test_what_troubles_a_sensor_stands_at_the_sensor(site: Site) -> None:
    told = SensorHealth(sensor_id=_BUTTON, battery_percent=None, troubles={Trouble.WRONG_KEY: 4})
    send(site.database, site.gateway.heartbeat(T0, sensors=(told,)), T0)

    page = site.browser("maria").get("/devices/homes/home-a").text

    assert "Nøkkelen passer ikke til en sensor: 4" in page


def test_no_sensor_is_well_while_its_gateway_hears_nothing_or_is_silent(site: Site) -> None:
    maria = site.browser("maria")
    heard = [site.gateway.motion(T0)]
    send(site.database, site.gateway.batch(heard), T0)
    send(site.database, site.gateway.heartbeat(T0), T0)
    assert "Har kontakt" in _sensors(maria)

    send(site.database, site.gateway.heartbeat(T0 + MINUTE, deaf_since=T0), T0 + MINUTE)
    site.clock.present = T0 + MINUTE
    deaf = _sensors(maria)
    assert "Vi vet ikke akkurat nå" in deaf
    assert "Har kontakt" not in deaf

    send(site.database, site.gateway.heartbeat(T0 + 2 * MINUTE), T0 + 2 * MINUTE)
    site.clock.present = T0 + timedelta(hours=1)
    assert "Har kontakt" not in _sensors(maria)


def _sensors(browser: Reader) -> str:
    return browser.get("/devices/homes/home-a").text.partition('id="sensors-heading"')[2]


def test_only_a_sensor_with_a_count_asks_for_its_new_battery(site: Site) -> None:
    browser = site.browser("maria")
    assert "Batteriet er byttet" not in browser.get("/devices/homes/home-a").text
    with site.database.transaction() as db:
        row = db.exec(select(Sensor).where(Sensor.address == _BUTTON)).one()
        row.bind_key = "0" * 32
        db.add(row)

    assert "Batteriet er byttet" in browser.get("/devices/homes/home-a").text
    browser.post(f"/sensors/{_BUTTON}/new-battery", data={})
    assert [one.count_renewed for one in rows_of(site.database, Sensor) if one.address == _BUTTON] == [1]


def test_a_relative_has_no_way_to_it(site: Site) -> None:
    anne = site.browser("anne")

    assert anne.get("/devices/homes/home-a").status_code == 403
    assert anne.post(f"/sensors/{_BUTTON}/test", data={}).status_code == 403
    assert site.browser("per").post(f"/sensors/{_BUTTON}/test", data={}).status_code == 404
