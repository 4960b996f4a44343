"""What is learned from, and from what lasts in a home, while a sensor cannot be relied on."""

from dataclasses import replace

import numpy as np

from models.hearing import Heard
from models.minutes import TICK_MINUTES
from models.rooms import EVERYWHERE, Role, mask_of
from models.technical.findings import Unseen
from tests.unit.models.evaluation.lives import CHANNELS, life

HOME = life(days=3)
KNOWN = int(HOME.at[0]) + 86_400
BEDROOM = [one.room for one in CHANNELS].index("bedroom")
DEAD = Unseen(KNOWN, KNOWN, KNOWN + 86_400, BEDROOM, is_fault=True)


def test_the_past_is_learned_from_without_what_cannot_be_heard_just_now() -> None:
    home = Heard(HOME, (DEAD,))
    while_dead = home.to_learn_from(KNOWN)

    assert not while_dead.within(mask_of(Role.BEDROOM), TICK_MINUTES).any()
    assert while_dead.within(EVERYWHERE, TICK_MINUTES).any()
    assert home.series.within(mask_of(Role.BEDROOM), TICK_MINUTES).any()


def test_before_a_fault_is_known_and_when_it_is_over_the_whole_past_teaches() -> None:
    home = Heard(HOME, (DEAD,))

    assert home.to_learn_from(KNOWN - 1) is home.series
    assert home.to_learn_from(KNOWN + 86_400) is home.series


def test_what_a_babbling_sensor_says_is_neither_judged_nor_learned() -> None:
    home = Heard(HOME, (replace(DEAD, babbles=True),))
    rows = HOME.between(KNOWN, KNOWN + 86_400)

    assert np.array_equal(home.babble[rows], HOME.channel[rows] == BEDROOM)
    assert not home.rows_to_learn_from(KNOWN + 86_400)[home.babble].any()
