"""The alert's page and the list, for whatever an alert is about and whoever has it."""

import pytest
from builders import T0, UNITS, FakeGateway, alerts, home, send
from page_site import Site

from server.provisioning import Provisioning, provision


@pytest.mark.parametrize("path", ["/", "/alerts/{alert}", "/parts/alerts/{alert}", "/parts/news"])
def test_what_happens_in_a_corridor_is_shown_with_its_place_and_no_resident(site: Site, path: str) -> None:
    corridor = {**home("k", "nord", test=True), "address": "Korridor 2. etasje", "resident": None}
    with site.database.transaction() as db:
        provision(db, Provisioning.model_validate({"units": UNITS, "homes": [corridor]}), test_mode=True)
    gateway = FakeGateway("k")
    send(site.database, gateway.batch([gateway.press(T0)]), T0)
    [alert] = alerts(site.database)

    page = site.browser("maria").get(path.format(alert=alert.code))

    assert page.status_code == 200
    assert "Korridor 2. etasje" in page.text
