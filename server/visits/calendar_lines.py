"""Takes an iCalendar file apart into its lines, and knows in which line of the file each event begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from server.errors import CalendarError

_LINE: Final = re.compile(r"[A-Za-z0-9-]+[;:][^\x00-\x08\x0a-\x1f\x7f]*")
_BREAK: Final = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Block:
    """An event's lines. `line`: where it begins, counted from 1."""

    line: int
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    zones: list[str] = field(default_factory=list)
    events: list[Block] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    method: str = ""

    def take(self, number: int, line: str) -> None:
        """Take the next content line.

        Raises:
            CalendarError: no calendar has such a line there.
        """
        if not _LINE.fullmatch(line):
            raise CalendarError("no such line", number)
        word, _, value = line.strip().upper().partition(":")
        if word == "BEGIN":
            self._begin(number, value)
        self._keep(line, word, value)
        if word == "END" and (not self.inside or self.inside.pop() != value):
            raise CalendarError("ends what did not begin", number)

    def _begin(self, number: int, what: str) -> None:
        self.inside.append(what)
        if what == "VEVENT":
            self.events.append(Block(number))

    def _keep(self, line: str, word: str, value: str) -> None:
        if "VTIMEZONE" in self.inside:
            self.zones.append(line)
        elif "VEVENT" in self.inside:
            self.events[-1].lines.append(line)
        elif word == "METHOD":
            self.method = value


def blocks_of(data: bytes) -> tuple[list[str], list[Block]]:
    """Return the lines of a file's time zones, and of each of its events.

    Raises:
        CalendarError: it is no calendar, or is cut off.
    """
    lines = list(_unfolded(data))
    if not lines or lines[0][1].strip().upper() != "BEGIN:VCALENDAR":
        raise CalendarError("not a calendar", lines[0][0] if lines else None)
    reading = _Reading()
    for number, line in lines:
        reading.take(number, line)
    if reading.inside:
        raise CalendarError("cut off", lines[-1][0])
    if reading.method == "CANCEL":
        for block in reading.events:
            block.lines.insert(1, "STATUS:CANCELLED")
    return reading.zones, reading.events


def _unfolded(data: bytes) -> Iterator[tuple[int, str]]:
    """Return the content lines with the number of the line each begins in. A long one goes on after a space."""
    try:
        lines = _BREAK.split(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CalendarError("not text", data[: error.start].count(b"\n") + 1) from None
    number, whole = 1, ""
    for place, line in enumerate(lines, start=1):
        if line[:1] in {" ", "\t"} and whole:
            whole += line[1:]
            continue
        if whole.strip():
            yield number, whole
        number, whole = place, line
    if whole.strip():
        yield number, whole
