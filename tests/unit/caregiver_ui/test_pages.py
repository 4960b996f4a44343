"""Pages by role: what each person sees, what happens without script, and what is refused."""

import re
from datetime import timedelta

import pytest
from builders import T0, send
from page_site import Site

_CARERS = ["maria", "siri", "arne", "tess"]


@pytest.mark.parametrize("path", ["/", "/status", "/devices", "/residents/res-a", "/alerts/x", "/parts/news"])
def test_somebody_who_has_not_signed_in_is_led_to_the_form_and_back(site: Site, path: str) -> None:
    answer = site.browser().get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path}"


def test_signing_in_leads_to_where_one_was_going_and_never_to_another_site(site: Site) -> None:
    browser = site.browser()
    who = {"username": "maria", "password": "en-lang-setning"}

    home = browser.post("/sign-in", data={**who, "next": "/residents/res-a"})
    elsewhere = [browser.post("/sign-in", data={**who, "next": bad}) for bad in ("https://bad", "//bad", "/\\bad")]

    assert home.headers["location"] == "/residents/res-a"
    assert [answer.headers["location"] for answer in elsewhere] == ["/", "/", "/"]


def test_a_wrong_password_keeps_the_name_and_tells_nothing_more(site: Site) -> None:
    wrong = site.browser().post("/sign-in", data={"username": "maria", "password": "feil"})
    unknown = site.browser().post("/sign-in", data={"username": "nobody", "password": "feil"})

    for answer, name in ((wrong, "maria"), (unknown, "nobody")):
        assert answer.status_code == 401
        assert f'value="{name}"' in answer.text
        assert "Brukernavnet eller passordet er feil." in answer.text
        assert "set-cookie" not in answer.headers


def test_too_many_attempts_say_how_long_to_wait(site: Site) -> None:
    browser = site.browser()
    for _ in range(6):
        answer = browser.post("/sign-in", data={"username": "maria", "password": "feil"})

    assert re.search(r"For mange forsøk\. Vent \d+ sekunder før neste\.", answer.text)


@pytest.mark.parametrize("username", _CARERS)
def test_every_carer_sees_alerts_and_residents(site: Site, username: str) -> None:
    site.press()

    page = site.browser(username).get("/")

    assert page.status_code == 200
    assert "Hjelpeknapp" in page.text
    assert "Inger A" in page.text


@pytest.mark.parametrize(("username", "may_take"), [("maria", True), ("arne", True), ("tess", True), ("siri", False)])
def test_the_button_stands_where_the_role_may_press_it(site: Site, username: str, may_take: bool) -> None:  # noqa: FBT001
    alert = site.press()

    for path in ("/", f"/alerts/{alert}"):
        assert ("Jeg tar den" in site.browser(username).get(path).text) is may_take


def test_a_relative_has_one_page_and_no_way_to_the_others(site: Site) -> None:
    alert = site.press()
    anne = site.browser("anne")

    assert anne.get("/").headers["location"] == "/status"
    refused = ["/residents/res-a", "/devices", f"/alerts/{alert}", "/parts/news", "/parts/alerts"]
    assert [anne.get(path).status_code for path in refused] == [403] * len(refused)
    assert anne.post(f"/alerts/{alert}/take", data={"version": 1}).status_code == 403


def test_another_units_resident_and_alert_are_not_there(site: Site) -> None:
    alert = site.press()
    per = site.browser("per")

    assert per.get("/residents/res-a").status_code == 404
    assert per.get(f"/alerts/{alert}").status_code == 404
    assert "Inger A" not in per.get("/").text


def test_only_testers_and_administrators_see_the_quarantine(site: Site) -> None:
    send(site.database, ("livsrytme/1/gateway/gw-a/up/routine", b"<script>alert(1)</script>"), T0)

    answers = {who: site.browser(who).get("/devices") for who in ("tess", "arne", "maria", "siri")}

    assert {who: 'id="quarantine"' in answer.text for who, answer in answers.items()} == {
        "tess": True,
        "arne": True,
        "maria": False,
        "siri": False,
    }
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answers["tess"].text


def test_an_alert_is_taken_moved_on_and_closed_by_plain_forms(site: Site) -> None:
    alert = site.press()
    maria = site.browser("maria")

    def post(action: str, **fields: str) -> None:
        version = re.search(r'name="version" value="(\d+)"', maria.get(f"/alerts/{alert}").text)
        assert version is not None
        answer = maria.post(f"/alerts/{alert}/{action}", data={"version": version[1], **fields})
        assert answer.headers["location"] == f"/alerts/{alert}"

    post("take")
    assert "Du tok det 10:00" in maria.get(f"/alerts/{alert}").text
    post("on-the-way")
    assert "Du er på vei" in maria.get(f"/alerts/{alert}").text
    post("arrived")
    assert "Du er hos beboeren" in maria.get(f"/alerts/{alert}").text
    post("close", outcome="real_event", note="Hjalp <b>opp</b>.")

    page = maria.get(f"/alerts/{alert}").text
    assert "Lukket 10:00: Reell hendelse" in page
    assert "Hjalp &lt;b&gt;opp&lt;/b&gt;." in page
    assert "Jeg er på vei" not in page


def test_the_second_taker_is_told_who_has_it_and_when(site: Site) -> None:
    alert = site.press()
    site.browser("maria").post(f"/alerts/{alert}/take", data={"version": 1})
    site.clock.present += timedelta(minutes=2)

    plain = site.browser("ola").post(f"/alerts/{alert}/take", data={"version": 1, "place": "list"})
    by_script = site.browser("ola").post(
        f"/alerts/{alert}/take", data={"version": 1, "place": "list"}, headers={"HX-Request": "true"}
    )

    for answer in (plain, by_script):
        assert answer.status_code == 409
        assert "Tatt av Maria 10:00. Du har ikke dette varselet." in answer.text
        assert "Jeg tar den" not in answer.text
    assert "<html" in plain.text
    assert "<html" not in by_script.text


def test_closing_without_an_outcome_keeps_what_was_typed(site: Site) -> None:
    alert = site.press()
    maria = site.browser("maria")
    maria.post(f"/alerts/{alert}/take", data={"version": 1})

    nothing = maria.post(f"/alerts/{alert}/close", data={"version": 2, "note": "Sov i stolen."})
    nonsense = maria.post(f"/alerts/{alert}/close", data={"version": 2, "outcome": "magic"})
    long = maria.post(f"/alerts/{alert}/close", data={"version": 2, "outcome": "test", "note": "x" * 2001})
    stale = maria.post(f"/alerts/{alert}/close", data={"version": 1, "outcome": "false_alarm", "note": "Gikk bra."})

    assert nothing.status_code == 422
    assert "Velg hvordan det endte." in nothing.text
    assert ">Sov i stolen.</textarea>" in nothing.text
    assert "Velg hvordan det endte." in nonsense.text
    assert "Merknaden er lengre enn 2000 tegn." in long.text
    assert stale.status_code == 409
    assert "Varselet er endret siden du så det." in stale.text
    assert ">Gikk bra.</textarea>" in stale.text


def test_a_form_that_cannot_be_read_gets_a_page_and_not_json(site: Site) -> None:
    alert = site.press()

    answer = site.browser("maria").post(f"/alerts/{alert}/take", data={"version": "soon"})

    assert answer.status_code == 400
    assert "Noe i skjemaet kunne ikke leses." in answer.text


def test_another_sites_form_is_refused(site: Site) -> None:
    alert = site.press()

    answer = site.browser("maria").post(
        f"/alerts/{alert}/take", data={"version": 1}, headers={"Origin": "https://bad.example"}
    )

    assert answer.status_code == 403


def test_news_are_what_the_page_has_not_shown(site: Site) -> None:
    alert = site.press()
    ola = site.browser("ola")

    fresh, seen = ola.get("/parts/news").text, ola.get(f"/parts/news?seen={alert}").text
    site.browser("maria").post(f"/alerts/{alert}/take", data={"version": 1})
    gone = ola.get(f"/parts/news?seen={alert}").text

    assert f'data-fresh="{alert}"' in fresh
    assert "data-fresh" not in seen
    assert f'data-gone="{alert}"' in gone
    assert "Tatt av Maria 10:00" in gone


@pytest.mark.parametrize(("language", "heading"), [("nb", "Varsler"), ("nn", "Varsel"), ("en", "Alerts")])
def test_the_language_follows_the_person(site: Site, language: str, heading: str) -> None:
    maria = site.browser("maria")

    answer = maria.post("/preferences", data={"language": language, "back": "/?group=taken"})

    assert answer.headers["location"] == "/?group=taken"
    page = site.browser("maria").get("/").text
    assert f'<html lang="{language}"' in page
    assert f'id="alerts-heading" data-size="sm">{heading}<' in page


def test_a_browser_is_spoken_to_in_its_own_language_before_signing_in(site: Site) -> None:
    page = site.browser().get("/sign-in", headers={"Accept-Language": "nn-NO,nn;q=0.9"})

    assert "Brukarnamn" in page.text


def test_no_page_carries_inline_script_or_style_and_each_forbids_it(site: Site) -> None:
    alert = site.press()
    pages = [site.browser("tess").get(path) for path in ("/", f"/alerts/{alert}", "/residents/res-a", "/devices")]
    pages += [
        site.browser("anne").get("/status"),
        site.browser().get("/sign-in"),
        site.browser("tess").get("/residents/x"),
    ]

    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"\sstyle=|<style|<script(?! src=)|\son\w+=", page.text)


def test_a_page_says_that_it_is_a_test(site: Site) -> None:
    assert "TESTMODUS" in site.browser().get("/sign-in").text

    site.app.state.settings = site.app.state.settings.model_copy(update={"test_mode": False})

    assert "TESTMODUS" not in site.browser().get("/sign-in").text


def test_a_look_at_a_resident_goes_into_the_audit(site: Site) -> None:
    before = _looks(site)

    site.browser("maria").get("/residents/res-a")

    assert _looks(site) == before + 1


def _looks(site: Site) -> int:
    with site.database.reading() as db:
        return int(
            db.connection().exec_driver_sql("SELECT count(*) FROM audit_entry WHERE what = 'looked at'").scalar_one()
        )
