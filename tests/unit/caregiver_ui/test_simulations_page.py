"""The pages on which a tester sees simulated homes and lets things happen in them."""

from datetime import timedelta
from typing import Any

import pytest
from builders import MINUTE, T0, FakeGateway, rows_of, send, viewer
from page_site import Reader, Site
from pydantic import TypeAdapter

from gateway.contract.clock import SystemClock
from server.settings import ServerSettings
from server.simulations.messages import HomePlan, HomeState, TruthLine
from server.simulations.rules import OrderOutcome
from server.simulations.service import note_outcome, note_state, note_truth, register
from server.simulations.tables import OrderRow

_PLAN: dict[str, Any] = {
    "profile": "dementia",
    "rooms": [
        {"name": "bathroom", "left": 0, "bottom": 0, "width": 2, "depth": 2},
        {"name": "lounge", "left": 0, "bottom": 2, "width": 5, "depth": 4},
    ],
    "doors": [
        {"name": "bathroom_door", "x": 1, "y": 2},
        {"name": "front_door", "x": 5, "y": 4, "is_outer": True},
    ],
    "furniture": [{"name": "chair", "x": 4, "y": 3}, {"name": "aquarium", "x": 1, "y": 5}],
    "sensors": [
        {"name": "lounge_motion", "x": 4.8, "y": 5.8, "room": "lounge", "kinds": ["motion"]},
        {"name": "button", "x": 4, "y": 3, "room": "lounge", "kinds": ["button"]},
    ],
    "scenarios": [{"code": "fall_in_bathroom", "title": "Fall"}, {"code": "a_new_one", "title": "Brand <new>"}],
    "faults": [{"code": "network_loss", "title": "No net"}],
}
_LIES = {"name": "Inger", "kind": "resident", "room": "bathroom", "x": 1, "y": 1, "doing": "lying_on_floor"}
_TRUTH = TypeAdapter(tuple[TruthLine, ...])


@pytest.fixture
def tess(site: Site) -> Reader:
    """A tester who looks at home-t, which a simulator runs."""
    simulator = viewer(site.database, "tess")
    with site.database.transaction() as db:
        register(db, simulator, "home-t", HomePlan.model_validate(_PLAN), SystemClock().now())
    return site.browser("tess")


def _tell(site: Site, beings: list[dict[str, Any]], **different: object) -> None:
    packet = {"sensor": "lounge_motion", "at": T0, "value": 1}
    state = {"at": T0, "speed": 60, "is_running": True, "beings": beings, "packets": [packet], **different}
    told, simulator = HomeState.model_validate(state), viewer(site.database, "tess")
    with site.database.transaction() as db:
        note_state(db, simulator, "home-t", told, SystemClock().now())


def test_the_list_tells_who_lives_where_and_how_it_goes(site: Site, tess: Reader) -> None:
    _tell(site, [{**_LIES, "doing": "cooking", "room": "lounge"}])
    send(site.database, FakeGateway("t").batch([FakeGateway("t").press(T0)]), T0)

    page = tess.get("/simulations").text

    for said in ("Inger T", "Demens", "Kjører", "Inger lager mat i stua.", "60 × fart", "Hjelpeknapp 10:00"):
        assert said in page
    assert 'href="/simulations/home-t"' in page
    assert "TESTMODUS" in page


def test_a_fall_is_told_in_words_and_drawn_where_it_is(site: Site, tess: Reader) -> None:
    _tell(site, [_LIES])

    page = tess.get("/simulations/home-t").text
    plan = tess.get("/parts/simulations/home-t/plan").text

    assert "Inger ligger på gulvet på badet." in plan
    assert '<rect class="floor-room" data-is="alarm" x="30" y="430" width="200" height="200"/>' in plan
    assert '<g class="floor-fallen">' in plan
    assert 'id="home-t-sensor-lounge_motion" data-lit' in plan
    assert 'id="home-t-sensor-button" transform' in plan
    assert plan.strip() in page
    assert "style=" not in page


def test_a_sensor_that_spoke_long_ago_is_dark_and_who_is_out_is_not_drawn(site: Site, tess: Reader) -> None:
    _tell(site, [{"name": "Inger", "kind": "resident", "doing": "out"}], at=T0 + 10 * MINUTE)

    plan = tess.get("/parts/simulations/home-t/plan").text

    assert "data-lit" not in plan
    assert "floor-being" not in plan
    assert "Inger er ute." in plan


def test_a_recording_says_why_it_has_no_plan_and_offers_nothing_to_let_happen(site: Site, tess: Reader) -> None:
    recording = HomePlan.model_validate({**_PLAN, "profile": "", "is_recording": True, "scenarios": []})
    simulator = viewer(site.database, "tess")
    with site.database.transaction() as db:
        register(db, simulator, "home-t", recording, SystemClock().now())
    _tell(site, [])

    page = tess.get("/simulations/home-t").text

    assert "Hver rute er et sted en sensor forteller om." in page
    assert "Det som er tatt opp, kan ikke endres." in page
    assert "Opptak" in tess.get("/simulations").text


def test_the_tables_say_what_the_plan_shows(site: Site, tess: Reader) -> None:
    _tell(site, [_LIES, {"name": "cat", "kind": "pet", "room": "lounge", "x": 2, "y": 4, "doing": "prowling"}])

    tables = tess.get("/parts/simulations/home-t/tables").text

    assert '<th scope="row">Katten</th><td>Kjæledyr</td><td>Katten tasser rundt i stua.</td>' in tables
    assert '<th scope="row">lounge motion</th><td>Stue</td><td>10:00:00</td><td>1</td>' in tables
    assert '<th scope="row">button</th><td>Stue</td><td>ingenting ennå</td><td>–</td>' in tables


def test_a_button_sends_an_order_without_script_and_its_result_is_told(site: Site, tess: Reader) -> None:
    _tell(site, [_LIES])
    steering = "/parts/simulations/home-t/steering"
    assert 'value="scenario:fall_in_bathroom" data-needs-link>Fall på badet<' in tess.get(steering).text
    assert "Brand &lt;new&gt;" in tess.get(steering).text

    answer = tess.post("/simulations/home-t/orders", data={"order": "scenario:fall_in_bathroom"})

    assert answer.headers["location"] == "/simulations/home-t#steering"
    assert "<strong>Fall på badet</strong>: sendt" in tess.get(steering).text
    simulator = viewer(site.database, "tess")
    with site.database.transaction() as db:
        note_outcome(db, simulator, 1, OrderOutcome.REFUSED, "no bathroom", T0)
    assert "<strong>Fall på badet</strong>: avvist: no bathroom" in tess.get(steering).text


def test_the_pages_script_gets_the_buttons_back_with_the_result(site: Site, tess: Reader) -> None:
    _tell(site, [_LIES], faults=["network_loss"], is_running=False)

    answer = tess.post("/simulations/home-t/orders", data={"order": "speed:300"}, headers={"HX-Request": "true"})

    assert "<strong>300 × fart</strong>: sendt" in answer.text
    assert 'value="start"' in answer.text
    assert 'value="speed:60" aria-pressed="true"' in answer.text
    assert 'value="mend:network_loss" aria-pressed="true"' in answer.text


@pytest.mark.parametrize("order", ["scenario:meteorite", "dance", "", "speed:0"])
def test_what_a_home_does_not_offer_is_told_on_the_page(site: Site, tess: Reader, order: str) -> None:
    answer = tess.post("/simulations/home-t/orders", data={"order": order})
    partial = tess.post("/simulations/home-t/orders", data={"order": order}, headers={"HX-Request": "true"})

    assert answer.status_code in {400, 422}
    if answer.status_code == 422:
        assert "kan ikke gjøre det akkurat nå" in answer.text
        assert "kan ikke gjøre det akkurat nå" in partial.text
    assert rows_of(site.database, OrderRow) == []


def test_truth_stands_against_alerts(site: Site, tess: Reader) -> None:
    lines = [
        {"what": "watched", "begins_at": T0 - MINUTE},
        {"what": "expected", "label": "Presses the help button", "kinds": ["button"], "begins_at": T0, "within": 60},
        {"what": "expected", "label": "My own", "kinds": ["inactivity"], "begins_at": T0, "within": 7200},
        {"what": "expected", "label": "Later", "kinds": ["smoke"], "begins_at": T0 + 60 * MINUTE, "within": 60},
    ]
    simulator = viewer(site.database, "tess")
    with site.database.transaction() as db:
        note_truth(db, simulator, "home-t", _TRUTH.validate_python(lines))
    now = T0 + timedelta(seconds=4)
    send(site.database, FakeGateway("t").batch([FakeGateway("t").press(now)]), now)
    site.clock.present = T0 + MINUTE

    truth = tess.get("/parts/simulations/home-t/truth").text

    assert "1 av 2 varslet i tide" in truth
    assert "Trykker på hjelpeknappen" in truth
    assert "etter 4 s" in truth
    assert "My own" in truth
    assert "innen 12:00" in truth
    assert "Later" not in truth
    assert truth.count('class="truth-happened" d=') == 2 + 1  # and the legend's
    assert truth.count('class="truth-join"') == 1


def test_a_home_that_no_simulator_runs_says_so(site: Site, tess: Reader) -> None:
    simulator, then = viewer(site.database, "tess"), SystemClock().now() - MINUTE
    with site.database.transaction() as db:
        register(db, simulator, "home-t", HomePlan.model_validate(_PLAN), then)

    assert "Ingen simulator kjører" in tess.get("/simulations").text
    assert "Det ville ikke skje noe" in tess.get("/simulations/home-t").text


@pytest.mark.parametrize("username", ["maria", "nina", "siri", "anne", "arne"])
def test_others_are_refused_and_not_shown_the_way(site: Site, tess: Reader, username: str) -> None:
    browser = site.browser(username)

    for path in ("/simulations", "/parts/simulations", "/simulations/home-t", "/parts/simulations/home-t/plan"):
        assert browser.get(path).status_code == 403, path
    assert browser.post("/simulations/home-t/orders", data={"order": "stop"}).status_code == 403
    assert 'href="/simulations"' not in browser.get("/").text
    assert 'href="/simulations"' in tess.get("/").text


def test_outside_test_mode_there_are_no_such_pages_and_no_way_to_them(site: Site, tess: Reader) -> None:
    site.app.state.settings = ServerSettings(test_mode=False)

    for path in ("/simulations", "/parts/simulations", "/simulations/home-t", "/parts/simulations/home-t/plan"):
        assert tess.get(path).status_code == 404, path
    assert tess.post("/simulations/home-t/orders", data={"order": "stop"}).status_code == 404
    assert 'href="/simulations"' not in tess.get("/").text
    assert "TESTMODUS" not in tess.get("/").text


def test_a_world_without_homes_says_how_to_start_one(site: Site) -> None:
    page = site.browser("tess").get("/simulations").text

    assert "Ingen simulerte hjem kjører" in page
    assert site.browser("tess").get("/simulations/home-t").status_code == 404
