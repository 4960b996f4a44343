import asyncio
import io
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from device_sims.neighbourhood import OSLO, era_from, from_tihm, simulated
from device_sims.progress import Standing, progress_on
from device_sims.radio.transmitter import Air
from device_sims.sensors.sensor import Form
from device_sims.tihm import Activation, Place
from device_sims.timeline import timeline_of
from device_sims.world import World
from gateway.contract.clock import WorldClock
from gateway.contract.observation import SensorKind

_T0 = datetime(2026, 3, 2, 10, tzinfo=UTC)
_TODAY = date(2026, 3, 2)


def _rows(first: datetime, days: int) -> list[Activation]:
    return [Activation(first + timedelta(hours=hour), Place("kitchen", Form.MOTION)) for hour in range(24 * days)]


async def test_the_server_reads_the_time_the_world_has_come_to(tmp_path: Path) -> None:
    world = World(tmp_path / "clock", _T0, [], speed=None)
    clock = WorldClock(tmp_path / "clock")
    assert clock.now() == _T0

    await world.pass_until(_T0 + timedelta(days=3))

    assert clock.now() == world.now == _T0 + timedelta(days=3)


async def test_time_never_goes_back(tmp_path: Path) -> None:
    world = World(tmp_path / "clock", _T0, [], speed=None)

    await world.pass_until(_T0 - timedelta(hours=1))

    assert world.now == _T0


async def test_a_world_with_a_speed_takes_its_time(tmp_path: Path) -> None:
    world = World(tmp_path / "clock", _T0, [], speed=600)
    world.begin()
    started = time.monotonic()

    await world.pass_until(_T0 + timedelta(seconds=60))

    assert time.monotonic() - started >= 0.1


async def test_the_world_stands_still_while_a_home_has_no_listener(short_folder: Path) -> None:
    air = Air(short_folder / "air", _T0)
    await air.open()
    world = World(short_folder / "clock", _T0, [air], speed=3_600)
    world.begin()

    passing = asyncio.create_task(world.pass_until(_T0 + timedelta(hours=1)))
    done, _ = await asyncio.wait({passing}, timeout=0.1)

    assert not done
    assert world.now == _T0
    passing.cancel()
    await air.close()


def test_the_demos_world_begins_at_ten_in_norway_with_the_history_asked_for(short_folder: Path) -> None:
    era = era_from(_TODAY, days=5)

    homes = simulated(era, short_folder)

    assert era.begins == datetime(2026, 3, 2, 9, tzinfo=UTC)
    for home in homes:
        assert era.history_begins <= home.past[0].at < era.history_begins + timedelta(hours=1)
        assert home.past[-1].at < era.begins <= home.future[0].at


def test_in_one_home_the_button_is_pressed_and_the_other_falls_silent_before_that(short_folder: Path) -> None:
    era = era_from(_TODAY, days=2)

    fallen, calling = simulated(era, short_folder)

    presses = [one.at for one in calling.future if one.kind is SensorKind.BUTTON]
    assert presses == [era.begins + timedelta(minutes=30)]
    silent_from, silent_to = era.begins + timedelta(minutes=4), era.begins + timedelta(hours=7)
    assert not [one for one in fallen.future if silent_from <= one.at < silent_to]


def test_a_real_home_keeps_its_weekdays_and_wall_clock_and_has_up_to_a_week_ahead(short_folder: Path) -> None:
    rows = _rows(datetime(2019, 4, 1, 0, 30), days=60)  # noqa: DTZ001 - the data set's times carry no zone
    era = era_from(_TODAY, days=21)

    home = from_tihm("a1", rows, era, short_folder)

    assert era.history_begins <= home.past[0].at <= home.past[-1].at < era.begins
    assert timedelta(0) <= home.future[-1].at - era.begins <= timedelta(weeks=1)
    last = home.future[-1].at.astimezone(OSLO)
    assert last.weekday() in {rows[-1].local_time.weekday(), (rows[-1].local_time.weekday() + 1) % 7}
    assert len(home.past) == 21 * 24


@pytest.mark.parametrize(
    ("received", "told"), [("2026-03-02T10:00:06+00:00", "100"), ("2026-03-02T12:00:00+00:00", "")]
)
def test_a_time_line_tells_real_milliseconds_where_that_makes_sense(received: str, told: str) -> None:
    out = io.StringIO()
    alert = {
        "kind": "button",
        "observed_at": "2026-03-02T10:00:00+00:00",
        "received_at": received,
        "raised_at": None,
        "notified_at": None,
    }

    Console(file=out).print(timeline_of(alert, speed=60))

    lines = [line for line in out.getvalue().splitlines() if "received" in line]
    assert lines[0].split("│")[3].strip() == told
    assert "raised" not in out.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_at_a_terminal_and_elsewhere(terminal: bool) -> None:  # noqa: FBT001 - a parameter
    out = io.StringIO()

    with progress_on(Console(file=out, force_terminal=terminal, width=160)) as view:
        view.show("Inger", 100, Standing(on_air=50, stored=40, alerts=2, speed=1_200))

    assert "50/100 on the air · 40 stored · 2 alerts · 1,200 times real time" in out.getvalue()
