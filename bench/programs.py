"""Programs as the machine sees them."""

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Program:
    """A running program, seen from outside."""

    def __init__(self, pid: int) -> None:
        self._proc = Path("/proc") / str(pid)

    def cpu_s(self) -> float:
        """Return the processor time it has used."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def memory_mb(self) -> tuple[float, float]:
        """Return what it holds in memory, and its fair share of that where pages are shared."""
        lines = (line.split() for line in (self._proc / "smaps_rollup").read_text().splitlines()[1:])
        sizes = {name: int(kb) / 1024 for name, kb, *_ in lines}
        return sizes["Rss:"], sizes["Pss:"]
