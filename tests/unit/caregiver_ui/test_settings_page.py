"""How a person says how they want to be told, and what makes the pages an app."""

import json
import struct
import zlib

import pytest
from builders import rows_of
from page_site import Site

from server.notifications.health import set_up
from server.notifications.rules import Level
from server.notifications.tables import ChannelChoiceRow, ContactRow, NotificationRow


@pytest.fixture
def with_channels(site: Site) -> Site:
    with site.database.transaction() as db:
        set_up(db, ["push", "sms", "email"])
    return site


def test_addresses_and_orders_are_kept_and_shown_again(with_channels: Site) -> None:
    browser = with_channels.browser("maria")
    form = {
        "phone": "900 00 000", "email": "maria@example.org", "critical-0": "sms", "critical-1": "email",
        "critical-2": "sms", "important-0": "email",
    }  # fmt: skip

    answer = browser.post("/settings", data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?saved=1")
    [contact] = rows_of(with_channels.database, ContactRow)
    assert (contact.phone, contact.email) == ("+4790000000", "maria@example.org")
    chosen = {row.level: row.channels for row in rows_of(with_channels.database, ChannelChoiceRow)}
    assert chosen == {Level.CRITICAL: ["sms", "email"], Level.IMPORTANT: ["email"], Level.NOTICE: []}
    page = browser.get("/settings?saved=1").text
    assert "Lagret" in page
    assert 'value="+4790000000"' in page
    assert '<option value="sms" selected>' in page


@pytest.mark.parametrize(
    ("field", "typed", "fault"), [("phone", "12", "telefonnummer"), ("email", "maria@", "e-postadresse")]
)
def test_what_is_wrong_is_told_beside_the_field_and_what_was_typed_stands(
    with_channels: Site, field: str, typed: str, fault: str
) -> None:
    answer = with_channels.browser("maria").post("/settings", data={field: typed})

    assert answer.status_code == 422
    assert f'value="{typed}" aria-invalid="true" aria-describedby="{field}-fault"' in answer.text
    assert fault in answer.text
    assert rows_of(with_channels.database, ContactRow) == []


def test_whoever_only_an_open_page_would_reach_is_told_so(with_channels: Site) -> None:
    browser = with_channels.browser("maria")
    assert "Bare en åpen side vil si fra" in browser.get("/settings").text

    browser.post("/settings", data={"phone": "900 00 000", "critical-0": "sms"})

    assert "Bare en åpen side vil si fra" not in browser.get("/settings").text


def test_a_test_is_sent_once_and_its_way_is_shown(with_channels: Site) -> None:
    browser = with_channels.browser("maria")
    browser.post("/settings", data={"phone": "900 00 000"})

    answer = browser.post("/settings/test", data={"channel": "sms"})

    assert answer.status_code == 303
    assert "På vei …" in browser.get(answer.headers["location"]).text
    assert [row.channel for row in rows_of(with_channels.database, NotificationRow)] == ["app", "sms"]
    again = browser.post("/settings/test", data={"channel": "sms"})
    assert again.status_code == 422
    assert "Vent litt" in again.text


@pytest.mark.parametrize("channel", ["sms", "pigeon", "push"])
def test_a_test_by_a_way_one_has_no_address_for_is_refused(with_channels: Site, channel: str) -> None:
    answer = with_channels.browser("maria").post("/settings/test", data={"channel": channel})

    assert answer.status_code == 422
    assert rows_of(with_channels.database, NotificationRow) == []


@pytest.mark.parametrize("username", ["maria", "siri", "arne", "anne", "tess"])
def test_everybody_has_settings_of_their_own(with_channels: Site, username: str) -> None:
    assert with_channels.browser(username).get("/settings").status_code == 200


def test_where_there_is_only_the_app_the_page_says_so(site: Site) -> None:
    browser = site.browser("maria")

    assert "ingen annen vei enn appen" in browser.get("/settings").text
    assert browser.post("/settings", data={"phone": ""}).status_code == 303


def test_the_worker_keeps_the_files_the_pages_need_and_is_never_kept_itself(site: Site) -> None:
    browser = site.browser()

    worker = browser.get("/sw.js")

    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-type"].startswith("text/javascript")
    shell = json.loads(worker.text.partition("self.SHELL = ")[2].partition(";\n")[0])
    assert [browser.get(path).status_code for path in [*shell, "/offline"]] == [200] * (len(shell) + 1)


@pytest.mark.parametrize("size", [180, 192, 512])
def test_the_icon_is_a_picture_of_its_size(site: Site, size: int) -> None:
    answer = site.browser().get(f"/icon-{size}.png")

    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", answer.content[16:24]) == (size, size)
    length = struct.unpack(">I", answer.content[33:37])[0]
    rows = zlib.decompress(answer.content[41 : 41 + length])
    assert len(rows) == size * (3 * size + 1)
    middle = rows[(size // 2) * (3 * size + 1) + 1 :][: 3 * size]
    pixels = {middle[at : at + 3] for at in range(0, 3 * size, 3)}
    assert {bytes((0x12, 0x60, 0x6B)), b"\xff\xff\xff"} <= pixels


def test_the_manifest_names_the_app_in_every_language(site: Site) -> None:
    manifest = site.browser().get("/manifest.webmanifest", headers={"Accept-Language": "nn"}).json()

    assert (manifest["name"], manifest["lang"], manifest["display"]) == ("Livsrytme", "nn", "standalone")
    assert site.browser().get("/icon-99.png").status_code == 404
