"""Shows how far a play has come: a bar at a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_LINE_EVERY_S: Final = 3.0


class Showing:
    """One line for each part of a play, such as the history of a home."""

    def __init__(self, console: Console, bars: Progress | None) -> None:
        self._console = console
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._told_at: dict[str, float] = {}

    def show(self, part: str, passed: timedelta, of: timedelta, besides: str = "") -> None:
        """Show how much of a part's time has passed."""
        said = f"day {passed / timedelta(days=1):.1f} of {of / timedelta(days=1):.1f}{besides}"
        if self._bars is not None:
            if part not in self._tasks:
                self._tasks[part] = self._bars.add_task(part, total=of.total_seconds(), said="")
            self._bars.update(self._tasks[part], completed=passed.total_seconds(), said=said)
        elif passed >= of or time.monotonic() - self._told_at.get(part, 0.0) >= _LINE_EVERY_S:
            self._told_at[part] = time.monotonic()
            self._console.print(f"{part}: {said}", highlight=False, soft_wrap=True)


@contextmanager
def showing_on(console: Console) -> Iterator[Showing]:
    """Open what fits: bars where somebody sits at a terminal, lines otherwise."""
    if not console.is_terminal:
        yield Showing(console, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        yield Showing(console, bars)
