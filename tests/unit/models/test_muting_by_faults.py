"""What a faulty sensor takes from what is noticed, and for how long."""

import numpy as np

from gateway.contract.observation import SensorKind
from models.concerns.silence import KITCHEN
from models.concerns.wandering import WANDERING
from models.hearing import minutes_of, muted
from models.minutes import TICKS_A_DAY
from models.technical.findings import Unseen
from models.trace import Channel, Trace

_DAY_S = 86_400
_WEEK = 7 * TICKS_A_DAY


def _home() -> Trace:
    """Return three weeks in which a kitchen and a bathroom are heard every ten minutes."""
    at = np.arange(0, 21 * _DAY_S, 600)
    channels = (Channel(SensorKind.MOTION, "kitchen"), Channel(SensorKind.MOTION, "bathroom"))
    both = np.tile([0, 1], at.size)
    return Trace.of("home-a", np.repeat(at, 2), both, np.ones(both.size), channels)


def _mute(room: str) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    home = _home()
    channel = [one.room for one in home.channels].index(room)
    unseen = (Unseen(_DAY_S, 2 * _DAY_S, 18 * _DAY_S, channel, is_fault=True, babbles=True),)
    return {name: np.isinf(less) for name, less in muted(home, minutes_of(home), unseen).items()}


def test_wandering_is_told_of_again_a_week_after_a_sensor_began_to_babble() -> None:
    mute = _mute("bathroom")[WANDERING.name]

    known = 2 * TICKS_A_DAY - 1  # the tick at whose end it was known
    assert mute[known : known + _WEEK].all()
    assert not mute[:known].any()
    assert not mute[known + _WEEK :].any()


def test_what_needs_the_babbling_sensor_is_not_told_of_while_it_babbles() -> None:
    mute = _mute("kitchen")[KITCHEN.name]

    assert mute[2 * TICKS_A_DAY : 18 * TICKS_A_DAY].all()
    assert not mute[19 * TICKS_A_DAY :].any()
