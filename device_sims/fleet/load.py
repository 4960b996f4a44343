"""What server and fleet have cost so far: processor time and memory, where the system tells (Linux)."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_TICKS_A_S: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# Place of user and system time in /proc/<pid>/stat behind the program's name, which may hold spaces. Source: proc(5).
_TIMES: Final = slice(11, 13)
_HALF: Final = 0.5


class Memory:
    """A process's memory in MB: at most, and when half of the time had passed. What grows shows in the difference."""

    def __init__(self) -> None:
        self.most_mb = 0.0
        self.half_mb = 0.0

    def note(self, process: Path, passed: float) -> None:
        """Note what a process (its folder in /proc) holds now; `passed` is a share of the time, from 0 to 1."""
        status = (process / "status").read_text(encoding="utf-8")
        resident_kb = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        self.most_mb = max(self.most_mb, int(resident_kb) / 1024)
        if passed <= _HALF:
            self.half_mb = int(resident_kb) / 1024


class Load:
    """Looks now and then at the server of an installation, through its restarts, and at this program.

    Stays 0 where the system is silent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cpu_s: dict[int, float] = {}
        self.server = Memory()
        self.fleet = Memory()

    @property
    def cpu_s(self) -> float:
        """Processor seconds of all that has been the server."""
        return sum(self._cpu_s.values())

    def look(self, passed: float) -> None:
        """Note what they cost now; `passed` is a share of the time, from 0 to 1."""
        with suppress(OSError, ValueError, KeyError):
            self.fleet.note(Path("/proc/self"), passed)
            pid = json.loads((self._folder / "processes.json").read_text(encoding="utf-8"))["server"]
            process = Path("/proc") / str(pid)
            times = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[_TIMES]
            self._cpu_s[pid] = sum(int(ticks) for ticks in times) / _TICKS_A_S
            self.server.note(process, passed)
