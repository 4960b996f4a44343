"""A copy lived again from the night before it differs gives the same alerts as one lived from the start."""

import numpy as np
import pytest

from models.alerts import Alert
from models.evaluation import injection
from models.evaluation.injection import Injection
from models.evaluation.measuring import Relives
from models.evaluation.relived import Relived
from models.evaluation.setting import HOUR, Setting, Window
from models.nights import Settings
from models.prior import shipped
from tests.unit.models.evaluation.lives import ZONE, life

SETTING = Setting(ZONE)
TRACE = life(days=50)


@pytest.fixture(scope="module")
def relived() -> Relived:
    return Relived(Settings(ZONE, 21, 3.0), shipped())


def of(alerts: list[Alert], window: Window) -> list[Alert]:
    wider = Window(window.start, window.end + 2 * HOUR)
    return [one for one in alerts if one.cls == "person" and wider.holds(one.raised_at.timestamp())]


@pytest.mark.parametrize("inject", [injection.fall_by_night, injection.left_at_night, injection.bathroom])
def test_from_the_night_before_or_from_the_start_the_window_has_the_same_alerts(
    relived: Relived, inject: Injection
) -> None:
    assert isinstance(relived, Relives)
    injected = inject(TRACE, SETTING, np.random.default_rng(5))
    assert injected is not None
    copy, window = injected
    quick, whole = of(relived.of_copy(TRACE, copy, window), window), of(relived([copy]), window)
    assert [(one.raised_at, one.kind, one.p_value) for one in quick] == [
        (one.raised_at, one.kind, one.p_value) for one in whole
    ]
    assert whole or inject is injection.bathroom
