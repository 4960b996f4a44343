"""What hardware does by itself: how often it speaks, how long it is blind, how long its cell lasts; and its ills.

Sources: shelly-api-docs.shelly.cloud/docs-ble (BLU Motion: a blind time of 30 to 600 s, restarted by every movement,
then "no motion"; beacon mode: single packets with the last state); the shortest gap in the TIHM homes, 61 s;
ruuvi/ruuvitag_fw wiki, "FAQ: battery" (18 µA at a packet each 1.285 s: 23 µC a packet; 17 days from the first
unexpected restart to silence). How many copies of an event a Shelly sends is not published; six is a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from device_sims.sensors.battery import Cell
from device_sims.sensors.voice import Form, Make


@dataclass(frozen=True, slots=True)
class Model:
    """The habits of one kind of sensor.

    `blind` is how long a movement lasts for it; `beacon_every` is None for one that speaks only when something happens;
    `misses` is the share of what happens that it does not notice.
    """

    cell: Cell
    beacon_every: timedelta | None = timedelta(minutes=1)
    copies: int = 6
    copy_every: timedelta = timedelta(milliseconds=100)
    blind: timedelta = timedelta(seconds=60)
    misses: float = 0.0


@dataclass(frozen=True, slots=True)
class Restart:
    """It starts anew: it numbers its packets from one. One that forgets begins its encryption counter at zero too."""

    at: datetime
    forgets_count: bool = False


@dataclass(frozen=True, slots=True)
class Dying:
    """Its cell gives up: packets fail ever more often, it starts anew at times, then it is silent for ever."""

    at: datetime
    over: timedelta = timedelta(days=17)


@dataclass(frozen=True, slots=True)
class Death:
    """From one moment to the next it says nothing more."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Flapping:
    """A loose contact: its state changes all the time, though nothing happens."""

    at: datetime
    until: datetime
    every: timedelta = timedelta(seconds=2)


Ill = Restart | Dying | Death | Flapping

_CR2032: Final = Cell(timedelta(days=2 * 365), 36_000_000)
_CR2450: Final = Cell(timedelta(days=3 * 365), 95_000_000)
_CR2477: Final = Cell(timedelta(days=5 * 365), 155_000_000)

# Real ones speak more often (a RuuviTag each 1.285 s: two million packets a month that say the same); a home of this
# kind sends 400,000 packets a month, and none of its sensors is silent for as long as supervision waits.
_BEACON: Final = timedelta(minutes=3)
_ORDINARY: Final = Model(_CR2450, _BEACON)
_OF_FORM: Final[Mapping[Form, Model]] = {
    Form.MOTION: Model(_CR2477, _BEACON),
    Form.BUTTON: Model(_CR2032, beacon_every=timedelta(minutes=5)),
    Form.PULL_CORD: Model(_CR2032, beacon_every=timedelta(minutes=5)),
    Form.FALL: Model(_CR2032, beacon_every=timedelta(minutes=5)),
    Form.TEMPERATURE: Model(_CR2477, _BEACON, copies=1),
}
_OF_MAKE: Final[Mapping[Make, Model]] = {
    Make.XIAOMI: Model(_CR2450, beacon_every=timedelta(hours=1)),  # it tells its battery, and no state
}


def model_of(make: Make, form: Form) -> Model:
    """Return how such a sensor behaves."""
    return _OF_MAKE.get(make) or _OF_FORM.get(form, _ORDINARY)
