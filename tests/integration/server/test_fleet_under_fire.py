"""A small fleet against a whole installation whose server is killed while facts flow."""

import asyncio
import json
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from typing_extensions import override

from device_sims.fleet.fleet import Order, drive
from device_sims.fleet.progress import FleetView
from device_sims.fleet.traffic import Tally, Terms


class _Assassin(FleetView):
    """Kills the server, once, when a third of the time has passed and facts have been stored."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Console(quiet=True), None)
        self._folder = folder
        self.receipted_before: int | None = None

    @override
    def show(self, tally: Tally, expected: int, passed: float) -> None:
        if self.receipted_before is None and passed > 0.3 and tally.receipted:
            self.receipted_before = tally.receipted
            processes = json.loads((self._folder / "processes.json").read_text(encoding="utf-8"))
            os.kill(processes["server"], signal.SIGKILL)


@pytest.mark.timeout(170)
def test_a_fleet_whose_server_is_killed_loses_no_fact(tmp_path: Path) -> None:
    terms = Terms(connections=3, rate=500, window=20, beat_every_s=5)
    order = Order(50, timedelta(minutes=8), 60, 2000, seed=3, patience_s=2, terms=terms)
    view = _Assassin(tmp_path / "fleet")

    outcome = asyncio.run(drive(order, tmp_path / "fleet", view))

    assert view.receipted_before is not None, "nobody was killed"
    assert outcome.server_restarts == 1
    assert outcome.receipted > view.receipted_before, "nothing came after the kill"
    assert (outcome.lost, outcome.quarantined) == (0, 0)
    assert outcome.stored == outcome.receipted == outcome.heard
    assert outcome.heard > 200
    assert outcome.resent > 0, "what was on its way to the killed server was not sent again"
    assert outcome.routine.p50_ms <= outcome.routine.p95_ms <= outcome.routine.p99_ms
