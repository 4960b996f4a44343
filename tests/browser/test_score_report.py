"""The report of a score with every mark in it: accessible, without sideways scroll, and kept as a picture."""

from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from gallery import Gallery
from playwright.sync_api import Browser, Page, expect

from caregiver_ui.assets import AXE
from device_sims.scoring.alerts import Alert
from device_sims.scoring.figures import figures
from device_sims.scoring.matching import judge
from device_sims.scoring.page import page as report
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, Truth, Watched

T0 = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SIZES = {"desktop": (1000, 1340), "phone": (390, 844), "narrow": (320, 640)}


def fell(home: str, at: timedelta, until: timedelta = 9 * HOUR) -> Expected:
    kinds = ("fall", "inactivity", "long_in_bathroom")
    return Expected(home, kinds, T0 + at, 2 * HOUR, "fall in bathroom", T0 + at + until)


def left(home: str, at: timedelta) -> Expected:
    return Expected(home, ("left_home_at_night",), T0 + at, 30 * MINUTE, "leaves home at night", T0 + at + 3 * HOUR)


def dead(home: str, at: timedelta) -> tuple[Expected, Forbidden]:
    """A gateway without power: told as that, and nobody has fallen."""
    label, until = "gateway dead", T0 + at + 10 * HOUR
    told = Expected(home, ("gateway_silent",), T0 + at, 20 * MINUTE, label, until, AlertClass.TECHNICAL)
    return told, Forbidden(home, T0 + at, until, label, "nobody fell")


def told(home: str, at: timedelta, kind: str, of: AlertClass = AlertClass.PERSON) -> Alert:
    return Alert(home, kind, of, T0 + at)


@pytest.fixture
def made_up() -> tuple[Truth, list[Alert]]:
    """Two weeks of four homes: each verdict there is, a fault taken for a person, and one home with nothing."""
    faults = [dead("anna", 3 * DAY + 14 * HOUR), dead("berit", 3 * DAY + 5 * HOUR)]
    expected = (
        fell("anna", 10 * DAY), fell("anna", 12 * DAY + HOUR), fell("berit", 8 * DAY), fell("dag", 2 * DAY),
        left("anna", 12 * DAY + 20 * HOUR), left("berit", DAY), left("dag", 9 * DAY + 2 * HOUR),
        *(fault for fault, _ in faults),
    )  # fmt: skip
    technical = AlertClass.TECHNICAL
    alerts = [
        told("anna", 3 * DAY + 14 * HOUR + 11 * MINUTE, "gateway_silent", technical),
        told("anna", 10 * DAY + 3 * HOUR, "inactivity"),
        told("anna", 12 * DAY + HOUR + 25 * MINUTE, "long_in_bathroom"),
        told("anna", 12 * DAY + 3 * HOUR, "inactivity"),
        told("anna", 12 * DAY + 20 * HOUR + 12 * MINUTE, "left_home_at_night"),
        told("berit", DAY + 19 * MINUTE, "left_home_at_night"),
        told("berit", 3 * DAY + 5 * HOUR + 12 * MINUTE, "gateway_silent", technical),
        told("berit", 3 * DAY + 8 * HOUR, "inactivity"),
        told("berit", 8 * DAY + 2 * HOUR, "cold_home"),
        told("berit", 10 * DAY + 3 * HOUR, "inactivity"),
        told("dag", 2 * DAY + 70 * MINUTE, "fall"),
        told("dag", 5 * DAY, "sensor_silent", technical),
        told("dag", 16 * DAY, "inactivity"),
    ]
    watched = tuple(Watched(home, T0, T0 + 14 * DAY) for home in ("anna", "berit", "chris", "dag"))
    return Truth(watched, expected, tuple(quiet for _, quiet in faults)), alerts


def test_axe_finds_nothing_in_a_report_and_nothing_scrolls_sideways(
    browser: Browser, made_up: tuple[Truth, list[Alert]], tmp_path: Path, pictures: Gallery
) -> None:
    truth, alerts = made_up
    judged = judge(truth, alerts)
    assert {one.verdict for one in judged.alerts} >= {"in time", "late", "again", "wrong kind", "false"}
    file = tmp_path / "report.html"
    file.write_text(report("Four simulated homes, two weeks", truth, judged, figures(truth, judged)), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())

    faults = []
    for (size, (width, height)), scheme in product(_SIZES.items(), ("light", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        pictures.keep(page, f"score-report-{size}-{scheme}")
        faults += [f"{size} {scheme}: {fault}" for fault in _violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{size} {scheme}: the page scrolls sideways")

    assert faults == []
    page.get_by_text("Show all 9 that happened").click()
    page.get_by_text("Show 3 false").click()
    told = page.get_by_role("row").filter(has_text="inactivity").filter(has_text="taken for a person")
    expect(told).to_contain_text("2026-03-05 08:00")
    page.close()


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _WCAG)
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]]
