"""What to do about a radio that hears nothing: rules only.

BlueZ falls silent without an error: when bluetoothd is restarted, when an adapter is pulled out, when its firmware is
stuck. The only sign is silence, and silence means something only where somebody is known to speak often.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class AdapterState(StrEnum):
    """How an adapter stands."""

    READY = "ready"
    OFF = "off"  # there, and switched off
    GONE = "gone"  # pulled out, or no bluetoothd serves it


class Step(StrEnum):
    """What to do next, in the order of what it costs."""

    WAIT = "wait"
    POWER_ON = "power_on"  # switch the adapter on
    RESTART = "restart"  # end the scan and begin another
    POWER_CYCLE = "power_cycle"  # switch the adapter off and on
    GIVE_UP = "give_up"  # end the program: systemd starts it again, with new connections to everything


@dataclass(frozen=True, slots=True)
class Patience:
    """After how much silence each step is due, in seconds, where somebody is known to speak often.

    `gaps` stretches all three for a home whose chattiest sensor is slower: that many of its usual pauses must be
    missing before the first step.
    """

    restart_s: float = 15.0
    power_cycle_s: float = 60.0
    give_up_s: float = 180.0
    gaps: float = 4.0
    longest_give_up_s: float = 3600.0  # a program that ends itself in vain does so no more often than this
    again_s: float = 600.0  # a radio that is one of several, and stays silent, is power-cycled this often
    power_on_s: float = 10.0  # an adapter that does not stay on is switched on this often

    def after(self, surrenders: int) -> "Patience":
        """Return the patience of a program that has ended itself so often in a row: each time it waits twice as long.

        Only the end is put off: the cheaper steps, which may still help, come as soon as ever.
        """
        longest = max(self.give_up_s, self.longest_give_up_s)
        return replace(self, give_up_s=min(self.give_up_s * 2 ** min(surrenders, 20), longest))

    def for_gap(self, usual_gap_s: float) -> "Patience":
        """Return the patience that a chattiest sensor with this usual pause calls for."""
        stretch = max(1.0, self.gaps * usual_gap_s / self.restart_s)
        return replace(
            self,
            restart_s=self.restart_s * stretch,
            power_cycle_s=self.power_cycle_s * stretch,
            give_up_s=self.give_up_s * stretch,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """When each step was last taken in the present silence, in monotonic seconds; None: not yet."""

    power_on_at: float | None = None
    restart_at: float | None = None
    power_cycle_at: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one radio. Moments are monotonic seconds."""

    adapter: AdapterState
    cut_at: float | None  # since when no scan runs; None while one does
    heard_at: float  # the last packet of anybody; before the first one: when the radio was first asked to listen
    canary_gap_s: float | None = None  # usual pause of the chattiest sensor; None: nobody speaks often enough
    canary_heard_at: float | None = None
    taken: Taken = Taken()
    can_be_cycled: bool = True  # False for a radio that has no adapter of this machine
    is_alone: bool = True  # no other radio of this gateway hears anything
    is_doubted: bool = False  # the program was ended for its silence, and nothing has been heard since


def next_step(known: Known, patience: Patience, now: float) -> Step:
    """Return what to do now. Ask again after each step, and every second or so."""
    match known.adapter:
        case AdapterState.GONE:
            return Step.WAIT  # it is told at once when it comes back
        case AdapterState.OFF:
            return Step.POWER_ON if _is_due(known.taken.power_on_at, patience.power_on_s, now) else Step.WAIT
        case AdapterState.READY:
            pass
    if known.cut_at is not None:
        return _climb(known, patience, now, silent_since=max(known.cut_at, known.heard_at), lowest=Step.RESTART)
    if known.canary_gap_s is None or known.canary_heard_at is None:
        if not known.is_doubted:
            return Step.WAIT
        stretched, missed_since = patience, known.heard_at
    else:
        stretched, missed_since = patience.for_gap(known.canary_gap_s), known.canary_heard_at
    is_missed = now - missed_since >= stretched.restart_s and known.taken.restart_at is None
    lowest = Step.RESTART if is_missed else Step.WAIT
    return _climb(known, stretched, now, silent_since=known.heard_at, lowest=lowest)


def is_silent(known: Known, patience: Patience, now: float) -> bool:
    """Tell whether a radio that says it listens must be taken for deaf."""
    if known.canary_gap_s is None:
        return known.is_doubted
    return now - known.heard_at >= patience.for_gap(known.canary_gap_s).restart_s


def _climb(known: Known, patience: Patience, now: float, *, silent_since: float, lowest: Step) -> Step:
    """Return the highest step the silence of the whole radio calls for, and `lowest` where it calls for none."""
    if not known.can_be_cycled:
        return lowest
    silence = now - silent_since
    cycled_at = known.taken.power_cycle_at
    if silence >= patience.give_up_s and known.is_alone:
        return Step.GIVE_UP
    if silence >= patience.power_cycle_s and _is_due(cycled_at, patience.again_s, now):
        return Step.POWER_CYCLE
    return lowest


def _is_due(taken_at: float | None, every_s: float, now: float) -> bool:
    return taken_at is None or now - taken_at >= every_s
