"""A clock that is set while the program runs is noticed."""

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from gateway.contract.clock import SystemClock
from gateway.contract.heartbeat import Trouble
from gateway.timekeeping import ClockWatch
from gateway.troubles import Troubles


class WallClock(SystemClock):
    """A machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.shows = datetime(1970, 1, 1, tzinfo=UTC)

    @override
    def now(self) -> datetime:
        return self.shows


class Machine:
    """A wall clock, and the time since the machine's start."""

    def __init__(self) -> None:
        self.clock = WallClock()
        self.up_s = 10.0
        self.troubles = Troubles()
        self.watch = ClockWatch(self.clock, self.troubles, lambda: self.up_s)

    def passes(self, seconds: float) -> None:
        """Let time pass, by both."""
        self.clock.shows += timedelta(seconds=seconds)
        self.up_s += seconds
        self.watch.look()

    def is_set_by(self, seconds: float) -> None:
        """Let somebody set the clock."""
        self.clock.shows += timedelta(seconds=seconds)
        self.watch.look()


def test_time_that_passes_is_no_jump() -> None:
    machine = Machine()

    for _ in range(100):
        machine.passes(3600)
        machine.is_set_by(0.4)  # a time server pulls it along

    assert (machine.watch.jumps, machine.watch.last_jump_s) == (0, None)


def test_each_jump_is_counted_with_its_size_and_direction() -> None:
    machine = Machine()

    machine.passes(60)
    machine.is_set_by(1_700_000_000)
    machine.passes(60)
    assert (machine.watch.jumps, machine.watch.last_jump_s) == (1, 1_700_000_000)
    machine.is_set_by(-3600)

    assert (machine.watch.jumps, machine.watch.last_jump_s) == (2, -3600)
    assert machine.troubles.so_far() == {Trouble.CLOCK_JUMPED: 2}


def test_a_simulated_world_may_race_without_being_a_fault() -> None:
    class World:
        def now(self) -> datetime:
            return next(times)

        async def sleep(self, span: timedelta) -> None:
            raise AssertionError(span)

    times = iter([datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 9)])
    watch = ClockWatch(World(), Troubles())
    for _ in range(5):
        watch.look()

    assert watch.jumps == 0
