"""Every form of every page, filled in with nonsense: the reason stands beside the field, and what was typed is kept."""

import re
from collections.abc import Iterator

import pytest
from builders import give_account
from fastapi.routing import APIRoute
from page_forms import Form, forms_of
from page_site import Reader, Site

# Longer than anything may be; no time, no number, no code, no address.
NONSENSE = "tull og tøys " * 400
_HOME = "/residents/res-a"
PAGES = {
    "": ["/sign-in", "/board"],
    # Before Maria makes a plan: while one lasts there is no form for another.
    "siri": [
        "/board/screens", f"{_HOME}/plan", f"{_HOME}/rules", f"{_HOME}/rules?kind=too_many",
        f"{_HOME}/rules?planning=true",
    ],
    "maria": [
        "/duty/handover", "/duty/rota", "/settings", "/calendar", "/devices/homes/home-a", f"{_HOME}/plans",
        f"{_HOME}/plan", f"{_HOME}/messages", f"{_HOME}/sharing", f"{_HOME}/development", f"{_HOME}/rules", "{alert}",
    ],
    "arne": [
        "/admin/units", "/admin/people", "/admin/people/anne", "/admin/residents", "/admin/residents/home-a",
        "/admin/policies?change=true",
    ],
    "anne": ["/status", "/messages", "/sharing"],
}  # fmt: skip
# Nothing is written in these: buttons, ticks and lists of what there is.
ONLY_CHOSEN = {
    "/preferences", "/sign-out", "/duty/start", "/duty/test", "/duty/end", "/duty/rota/{code}/remove",
    "/duty/handover/leaving", "/duty/handover/{code}/coming", "/duty/handover/notes/{code}/remove", "/me/pause",
    "/me/back", "/rounds/{round_id}/looks", "/rounds/{round_id}/visits", "/rounds/{round_id}/signature",
    "/sensors/{sensor_id}/{deed}", "/simulations/{home}/orders", "/settings/test", "/devices/{device}/wake",
    "/board/screens/{screen}/end", "/admin/people/{username}/{deed}", "/admin/residents/{home_code}/gateway/{deed}",
    "/admin/residents/{home_code}/sensors/{address}/remove", "/alerts/{alert_id}/{action}", "/alerts/{alert_id}/rating",
    "/alerts/{alert_id}/forward", "/asked/{alert_id}", "/company/{company_id}/leave",
    "/residents/{resident_id}/tasks/{task_id}", "/residents/{resident_id}/plan/end",
    "/residents/{resident_id}/activities/{activity_id}/back", "/residents/{resident_id}/presence",
    "/residents/{resident_id}/sensitivity", "/residents/{resident_id}/sharing/{relative}/withdraw",
    "/residents/{resident_id}/visits/{visit_id}/cancel", "/residents/{resident_id}/looks/{plan_id}/end",
    "/residents/{resident_id}/mutings/{muting_id}/end", "/residents/{resident_id}/rules/{rule_id}/rehearsal",
    "/residents/{resident_id}/rules/{rule_id}/switch", "/residents/{resident_id}/rules/{rule_id}/removal",
}  # fmt: skip


@pytest.mark.parametrize("who", PAGES)
def test_nonsense_comes_back_with_the_reason_beside_it_and_nothing_typed_is_lost(site: Site, who: str) -> None:
    alert = _lived_in(site)
    faults = [fault for browser, form in _met(site, who, alert) for fault in _faults(browser, form)]

    assert "\n".join(faults) == ""


def test_every_form_in_which_somebody_writes_is_filled_in(site: Site) -> None:
    alert = _lived_in(site)
    actions = [form.action for who in PAGES for _, form in _met(site, who, alert)]
    routes = {path for path in _posts(site.app.routes) if not path.startswith("/api/")}
    met = {route for route in routes - ONLY_CHOSEN if any(_fits(route, action) for action in actions)}

    assert routes - ONLY_CHOSEN - met == set()
    assert ONLY_CHOSEN - routes == set()


def _lived_in(site: Site) -> str:
    """Let there be something of everything that has a form; return an alert that Maria is with."""
    give_account(site.database)
    maria, siri = site.browser("maria"), site.browser("siri")
    alert = site.press()
    for version, deed in enumerate(("take", "on-the-way", "arrived"), start=1):
        maria.post(f"/alerts/{alert}/{deed}", {"version": version})
    _fill_in(maria, f"{_HOME}/sharing", "/4", category=["status", "messages"], basis="consent", ends_on="2025-06-01")
    _fill_in(maria, f"{_HOME}/plans", "/absences", kind="guests", begin="", ends="2025-01-16T12:00")
    window = {"begins": "22:00", "ends": "07:00"}
    _fill_in(siri, f"{_HOME}/rules?kind=too_many", "/rules", **window, times="3", reason="Etter fallet.")
    rule = re.search(r'id="rule-(\w+)"', siri.get(f"{_HOME}/rules").text)
    assert rule is not None
    siri.post(f"{_HOME}/rules/{rule[1]}/rehearsal", {})
    siri.post(f"{_HOME}/rules/{rule[1]}/switch", {"on": "true"})
    return alert


def _fill_in(browser: Reader, page: str, ending: str, **written: object) -> None:
    form = next(form for form in _to_fill_in(browser.get(page).text) if form.action.endswith(ending))
    answer = browser.post(form.action, {**form.written, **form.chosen, **written})
    assert answer.status_code == 303, answer.text


def _met(site: Site, who: str, alert: str) -> Iterator[tuple[Reader, Form]]:
    """Yield the forms on somebody's pages."""
    browser = site.browser(who or None)
    if who == "maria":
        _fill_in(browser, f"{_HOME}/plan", "/plan", goal="meals", meals="3")
    for path in PAGES[who]:
        for form in _to_fill_in(browser.get(path.format(alert=f"/alerts/{alert}")).text):
            yield browser, form


def _to_fill_in(page: str) -> list[Form]:
    return [form for form in forms_of(page) if form.written or form.takes_file]


def _faults(browser: Reader, form: Form) -> list[str]:
    typed = dict.fromkeys(form.written, NONSENSE)
    saved = {"do": "save"} if "do" in form.chosen else {}
    if form.takes_file:
        answer = browser.upload(form.action, b"\x89PNG\x00")
    else:
        answer = browser.post(form.action, {**form.chosen, **saved, **typed})
    back = next((one for one in _to_fill_in(answer.text) if one.action == form.action), None)
    if back is None:
        return [f"{form.action}: answers {answer.status_code} without the form"]
    faults = [] if 400 <= answer.status_code < 500 else [f"{form.action}: answers {answer.status_code}"]
    if not back.told:
        faults.append(f"{form.action}: no field is said to be wrong")
    if not re.search(r"ds-validation-message|role=\"alert\"", answer.text):
        faults.append(f"{form.action}: no reason is given")
    lost = {name for name in typed if name != "password" and back.written.get(name, "").strip() != NONSENSE.strip()}
    return faults + [f"{form.action}: what was typed as {name} is lost" for name in sorted(lost)]


def _posts(routes: list[object]) -> list[str]:
    found = []
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            found += _posts(inner.routes)
        elif isinstance(route, APIRoute) and "POST" in route.methods:
            found.append(route.path_format)
    return found


def _fits(route: str, action: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", route), action) is not None
