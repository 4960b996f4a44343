"""Shows how far a fleet has come: one bar at a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from device_sims.fleet.traffic import Tally

_LINE_EVERY_S: Final = 5.0


class FleetView:
    """One bar; where nobody sits at a terminal, lines."""

    def __init__(self, console: Console, bar: Progress | None) -> None:
        self._console = console
        self._bar = bar
        self._task = bar.add_task("fleet", total=1.0, standing="") if bar else None
        self._told_at_s = 0.0

    def show(self, tally: Tally, expected: int, passed: float) -> None:
        """Show the newest counts. `expected`: about how many facts in all; `passed`: share of the time, from 0 to 1."""
        standing = (
            f"{tally.heard:,} of about {expected:,} facts · {tally.heard - tally.receipted:,} without a receipt · "
            f"{tally.resent:,} sent again"
        )
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=min(passed, 1.0), standing=standing)
        elif time.monotonic() - self._told_at_s >= _LINE_EVERY_S:
            self._told_at_s = time.monotonic()
            self.tell(f"{min(passed, 1.0):.0%} · {standing}")

    def tell(self, words: str) -> None:
        """Say something once."""
        self._console.print(words, highlight=False, soft_wrap=True)


@contextmanager
def fleet_view_on(console: Console) -> Iterator[FleetView]:
    """Open the view that fits."""
    if not console.is_terminal:
        yield FleetView(console, None)
        return
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} % · {task.fields[standing]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        yield FleetView(console, bar)
