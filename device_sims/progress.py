"""Shows how far a simulation has come: a bar for each home at a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from typing_extensions import override

_LINE_EVERY_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one home has come. `stored` is None while the server has not said; `speed` is world seconds a second."""

    on_air: int
    stored: int | None
    alerts: int | None
    speed: float | None


class ProgressView(Protocol):
    """Where it is shown."""

    def show(self, home: str, of_events: int, standing: Standing) -> None:
        """Show the newest standing of a home that will have `of_events` events in all."""
        ...


@contextmanager
def progress_on(console: Console) -> Iterator[ProgressView]:
    """Open the view that fits: bars where somebody sits at a terminal, lines otherwise."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} % · {task.fields[standing]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars)


def _in_words(of_events: int, standing: Standing) -> str:
    parts = [f"{standing.on_air}/{of_events} on the air"]
    if standing.stored is not None:
        parts.append(f"{standing.stored} stored")
    if standing.alerts is not None:
        parts.append(f"{standing.alerts} alerts")
    if standing.speed is not None:
        parts.append(f"{standing.speed:,.0f} times real time")
    return " · ".join(parts)


class _Bars(ProgressView):
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    @override
    def show(self, home: str, of_events: int, standing: Standing) -> None:
        if home not in self._tasks:
            self._tasks[home] = self._bars.add_task(home, total=of_events, standing="")
        done = standing.on_air if standing.stored is None else standing.stored
        self._bars.update(self._tasks[home], completed=done, standing=_in_words(of_events, standing))


class _Lines(ProgressView):
    def __init__(self, console: Console) -> None:
        self._console = console
        self._told_at: dict[str, float] = {}

    @override
    def show(self, home: str, of_events: int, standing: Standing) -> None:
        if time.monotonic() - self._told_at.get(home, 0.0) < _LINE_EVERY_S:
            return
        self._told_at[home] = time.monotonic()
        self._console.print(f"{home}: {_in_words(of_events, standing)}", highlight=False, soft_wrap=True)
