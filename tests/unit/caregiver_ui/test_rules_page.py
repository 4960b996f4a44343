"""What is agreed for a resident, written in plain sentences, tried before it is switched on, and muted with an end."""

import re
from datetime import timedelta

from builders import DAY, HOUR, MINUTE, T0, FakeGateway, rows_of, send
from page_site import Reader, Site
from watching import look

from server.house_rules.tables import HouseRuleRow

PAGE = "/residents/res-a/rules"
DAYS = [*"0123456"]
UP_BY_TEN = {
    "kind": ["first_by"], "room": ["lounge"], "minutes": [""], "times": [""], "begins": "06:00", "ends": "10:00",
    "days": DAYS, "match": "all", "reason": "Avtalt med Anne etter fallet.",
}  # fmt: skip


def kept(site: Site, browser: Reader, **different: object) -> str:
    """Agree on a rule; return its name."""
    answer = browser.post(PAGE, {**UP_BY_TEN, **different})
    assert answer.status_code == 303, answer.text
    return str(rows_of(site.database, HouseRuleRow)[-1].code)


def five_days(site: Site) -> None:
    """Somebody was up by ten on two of the last five days; on each they moved at noon."""
    gateway = FakeGateway()
    facts = []
    for days in range(5):
        day = T0 - (5 - days) * DAY  # 10:00 in Oslo
        facts += [gateway.motion(day - HOUR)] if days in {1, 3} else []
        facts.append(gateway.motion(day + 2 * HOUR))
    send(site.database, gateway.batch(facts), T0)
    send(site.database, gateway.heartbeat(T0), T0)
    look(site.database, T0)


def test_a_rule_is_written_tried_and_switched_on(site: Site) -> None:
    five_days(site)
    siri = site.browser("siri")
    code = kept(site, siri)
    page = siri.get(PAGE).text
    assert "Ingen bevegelse i stua fra 06:00 til 10:00" in page
    assert "Av: ikke prøvd ennå" in page
    assert siri.post(f"{PAGE}/{code}/switch", {"on": "true"}).status_code == 422

    tried = siri.post(f"{PAGE}/{code}/rehearsal", {})

    # Seen from noon of the first day on: the day after it somebody was up, then not, then up, then not.
    assert "Det ville ha kommet 2 ganger de siste 5 dagene, 0 om natten." in tried.text
    assert siri.post(f"{PAGE}/{code}/switch", {"on": "true"}).status_code == 303
    page = siri.get(PAGE).text
    assert "Slå av" in page
    assert "Slått på" in page
    assert "Skrevet (versjon 1)" in page


def test_with_script_only_what_a_rule_would_have_brought_comes_back(site: Site) -> None:
    siri = site.browser("siri")
    code = kept(site, siri)

    part = siri.post(f"{PAGE}/{code}/rehearsal", {}, {"hx-request": "true"}).text

    assert "<html" not in part
    assert "Vi vet ingenting om de siste ukene i boligen" in part


def test_another_version_is_off_until_it_is_tried_again(site: Site) -> None:
    siri = site.browser("siri")
    code = kept(site, siri)
    siri.post(f"{PAGE}/{code}/rehearsal", {})
    siri.post(f"{PAGE}/{code}/switch", {"on": "true"})
    assert 'value="10:00"' in siri.get(f"{PAGE}?edit={code}").text

    kept(site, siri, rule=code, ends="11:00")

    [row] = rows_of(site.database, HouseRuleRow)
    assert (row.version, row.is_on, row.rehearsed_version) == (2, False, 1)
    assert siri.post(f"{PAGE}/{code}/switch", {"on": "true"}).status_code == 422


def test_what_is_impossible_is_told_beside_its_field_and_what_was_typed_stays(site: Site) -> None:
    siri = site.browser("siri")
    typed = {
        "kind": ["none_for", "too_many"], "room": ["cellar", "lounge"], "minutes": ["900", ""], "times": ["", "mange"],
        "begins": "kl. åtte", "ends": "10:00", "days": [], "match": "any", "reason": " ",
    }  # fmt: skip

    answer = siri.post(PAGE, typed)

    assert answer.status_code == 422
    described = re.findall(r'aria-describedby="([\w-]+)"', answer.text)
    assert set(described) == {"room-1-fault", "times-2-fault", "begins-fault", "days-fault", "reason-fault"}
    assert all(f'id="{name}"' in answer.text for name in described)
    assert all(f'value="{text}"' in answer.text for text in ("900", "mange", "kl. åtte", "10:00"))
    empty = siri.post(PAGE, {**UP_BY_TEN, "begins": "10:00"})
    assert "Slutten er lik begynnelsen." in empty.text
    long = siri.post(PAGE, {**UP_BY_TEN, "kind": ["none_for"], "minutes": ["500"]})
    assert "Dette er lenger enn tiden det følges med" in long.text
    assert rows_of(site.database, HouseRuleRow) == []


def test_a_condition_is_added_without_script_and_without_losing_what_was_typed(site: Site) -> None:
    siri = site.browser("siri")

    page = siri.post(PAGE, {**UP_BY_TEN, "reason": "Fordi", "more": "none_for"}).text

    assert page.count('type="hidden" name="kind"') == 2
    assert ">Fordi</textarea>" in page
    kept(site, siri, kind=["first_by", "none_for"], room=["lounge", ""], minutes=["", "60"], times=["", ""])
    assert "Når alt dette gjelder samtidig:" in siri.get(PAGE).text


def test_a_nurse_mutes_a_rule_and_a_kind_with_an_end_and_sees_who_and_why(site: Site) -> None:
    siri, maria = site.browser("siri"), site.browser("maria")
    code = kept(site, siri)
    siri.post(f"{PAGE}/{code}/rehearsal", {})
    siri.post(f"{PAGE}/{code}/switch", {"on": "true"})
    assert maria.post(PAGE, dict(UP_BY_TEN)).status_code == 403

    maria.post(f"{PAGE}/{code}/muting", {"hours": "4", "why": "Sover ut"})
    maria.post("/residents/res-a/mutings", {"kind": "inactivity", "hours": "1", "why": "Gjest på besøk"})

    page = maria.get(PAGE).text
    assert "Dempet til 14:00 av Maria" in page
    assert "Dempet til 11:00 av Maria" in page
    assert "Gjest på besøk" in page
    site.clock.present = T0 + timedelta(hours=4) + MINUTE
    after = maria.get(PAGE).text
    assert "Dempet til" not in after
    assert "Ingenting er dempet." in after


def test_no_help_button_is_muted_and_nothing_for_ever(site: Site) -> None:
    maria = site.browser("maria")

    for kind, hours, status in (("button", "1", 422), ("inactivity", "9999", 400)):
        muting = {"kind": kind, "hours": hours, "why": "x"}
        assert maria.post("/residents/res-a/mutings", muting).status_code == status


def test_nothing_is_muted_without_a_reason_and_the_choice_stays(site: Site) -> None:
    answer = site.browser("maria").post("/residents/res-a/mutings", {"kind": "no_meals", "hours": "24", "why": " "})

    assert answer.status_code == 422
    assert 'aria-describedby="why-kind-fault"' in answer.text
    assert '<option value="24" selected>' in answer.text
    assert '<option value="no_meals" selected>' in answer.text


def test_looks_are_planned_and_ended_and_faults_are_told(site: Site) -> None:
    siri = site.browser("siri")
    plan = {"times": "23:00 03:00", "days": DAYS, "from_date": "2025-01-01", "until_date": "2025-06-30",
            "basis": "Vedtak 12", "replaces_visit": "true"}  # fmt: skip

    wrong = siri.post("/residents/res-a/looks", {**plan, "times": "23:07", "until_date": "2024-01-01"})
    assert wrong.status_code == 422
    assert "Velg hele kvarter" in wrong.text
    assert "Den siste dagen er før den første." in wrong.text
    siri.post("/residents/res-a/looks", plan)

    page = siri.get(PAGE).text
    assert "Hver dag kl. 03:00, 23:00, til og med" in page
    [path] = re.findall(r'action="(/residents/res-a/looks/\w+/end)"', page)
    siri.post(path, {})
    assert "Ingen tilsyn er planlagt." in siri.get(PAGE).text


def test_what_is_agreed_is_for_staff_of_the_unit(site: Site) -> None:
    assert site.browser("anne").get(PAGE).status_code == 403
    assert site.browser("per").get(PAGE).status_code == 404
    assert site.browser("maria").get(PAGE).status_code == 200
