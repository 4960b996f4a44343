"""How the sensors of a fleet's homes are heard, as a gateway's heartbeat tells it. Pure.

A sensor gives a sign of life at its own interval, by its own phase. Each is weaker or stronger than the last, and one
in twenty is missed. A sensor that tells no battery never does.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.contract.heartbeat import SensorHealth
from gateway.contract.observation import SensorId

# What products do: a contact or a detector each few minutes, a button a few times an hour.
_INTERVALS_S: Final = (60.0, 180.0, 300.0, 600.0, 1200.0)
_STRONGEST_DBM, _WEAKEST_DBM = -50, -86  # through no wall, and through two
_WAVERS_DB: Final = 4
_EMPTIEST_PERCENT: Final = 35
_TELL_BATTERY: Final = 0.85
_MISSED: Final = 0.05
_SPREAD: Final = 2654435761  # Knuth's multiplicative hash: neighbours land far apart
_HASHES: Final = 2**32
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


class FleetSensor:
    """One sensor: how far it hangs from the gateway, how full its battery is, how often it speaks by itself."""

    __slots__ = ("_battery_percent", "_interval_s", "_phase_s", "_rssi_dbm", "_salt", "sensor_id")

    def __init__(self, sensor_id: SensorId, chance: random.Random) -> None:
        self.sensor_id = sensor_id
        self._interval_s = chance.choice(_INTERVALS_S)
        self._phase_s = chance.uniform(0, self._interval_s)
        self._rssi_dbm = chance.randint(_WEAKEST_DBM, _STRONGEST_DBM)
        self._battery_percent = (
            float(chance.randint(_EMPTIEST_PERCENT, 100)) if chance.random() < _TELL_BATTERY else None
        )
        self._salt = chance.randrange(_HASHES)

    def rssi_dbm(self, at: datetime) -> int:
        """Return how strongly it is heard at a moment."""
        return self._wavering(self._sign_before(at))

    def health(self, now: datetime, spoke_at: datetime | None, listening_since: datetime) -> SensorHealth | None:
        """Return how it was last heard; None when it was not, since the gateway began to listen.

        `spoke_at`: when its newest fact was heard; None: there is none yet.
        """
        sign = self._sign_before(now)
        if self._hash(sign) < _MISSED * _HASHES:
            sign -= 1
        heard_at = _EPOCH + timedelta(seconds=sign * self._interval_s + self._phase_s)
        heard_at = max(heard_at, spoke_at or heard_at)
        if heard_at < listening_since:
            return None
        return SensorHealth.model_construct(
            sensor_id=self.sensor_id,
            last_heard_at=heard_at,
            rssi_dbm=self._wavering(sign),
            battery_percent=self._battery_percent,
            troubles={},
        )

    def _sign_before(self, at: datetime) -> int:
        return int(((at - _EPOCH).total_seconds() - self._phase_s) // self._interval_s)

    def _wavering(self, sign: int) -> int:
        return self._rssi_dbm + self._hash(sign) % (2 * _WAVERS_DB + 1) - _WAVERS_DB

    def _hash(self, sign: int) -> int:
        return (sign + self._salt) * _SPREAD % _HASHES
