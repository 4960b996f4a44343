"""How strongly a packet is heard through a home's rooms, and whether it is heard at all.

Sources: ITU-R P.1238, table 2 (residential: 28 dB for each tenfold distance); COST Action 231, final report, 4.7.2 (a
light inner wall 3.4 dB, a heavy one 6.9 dB, measured at 1.8 GHz); free space, 40 dB in the first metre at 2.44 GHz;
Nordic nRF52832, product specification (hears down to -96 dBm). Shadowing, fading and casings are guesses.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from device_sims.radio.frames import Packet

_FIRST_METRE_DB: Final = 40.2
_PER_TENFOLD_DB: Final = 28.0
_NEAREST_M: Final = 0.3  # nearer than that nothing gets stronger
_LIGHT_WALL_DB: Final = 3.4
_HEAVY_WALL_DB: Final = 6.9

# A coin cell, a small antenna and a casing at one end, a computer's antenna at the other.
_SENT_DBM: Final = 0.0
_LOST_IN_CASINGS_DB: Final = 6.0

# Half of the packets are heard at this strength; three decibels make nearly all the difference.
_HALF_HEARD_DBM: Final = -95.0
_STEEPNESS_DB: Final = 1.5

# Furniture and people: one place is better than the next, and one packet than the next on another channel.
_SHADOWING_DB: Final = 4.0
_FADING_DB: Final = 2.5
_RSSI_DBM: Final = (-127, 20)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sensor hangs, seen from the gateway."""

    distance_m: float
    walls: int = 0
    heavy_walls: int = 0  # of concrete or brick; not among `walls`


def path_loss_db(place: Place) -> float:
    """Return what is lost on the way, on average."""
    decades = math.log10(max(place.distance_m, _NEAREST_M))
    return (
        _FIRST_METRE_DB + _PER_TENFOLD_DB * decades + _LIGHT_WALL_DB * place.walls + _HEAVY_WALL_DB * place.heavy_walls
    )


def mean_rssi_dbm(place: Place) -> float:
    """Return how strongly a sensor there is heard, on average over homes."""
    return _SENT_DBM - _LOST_IN_CASINGS_DB - path_loss_db(place)


def reception_probability(rssi_dbm: float) -> float:
    """Return the chance that a packet of this strength is heard, on a quiet channel."""
    return 1.0 / (1.0 + math.exp((_HALF_HEARD_DBM - rssi_dbm) / _STEEPNESS_DB))


class Reception:
    """Gives every packet the strength with which it is heard where the gateway stands, and loses the faint ones.

    It is a fault of `device_sims.radio.faults`. A packet from an address without a place passes as it is.
    """

    def __init__(self, places: Mapping[bytes, Place], seed: str) -> None:
        self._strengths = {address: self._strength(address, place, seed) for address, place in places.items()}
        self._chance = random.Random(f"{seed}/reception")  # noqa: S311 - a simulated air, not a secret

    def move(self, address: bytes, place: Place, seed: str) -> None:
        """Hang a sensor elsewhere."""
        self._strengths[address] = self._strength(address, place, seed)

    def meets(self, at: datetime, packet: Packet) -> list[tuple[datetime, Packet]]:
        """Return the packet as it is heard, or nothing."""
        strength = self._strengths.get(packet.address)
        if strength is None:
            return [(at, packet)]
        heard = round(strength + _FADING_DB * self._chance.gauss(0.0, 1.0))
        if self._chance.random() >= _PROBABILITY[max(_RSSI_DBM[0], min(_RSSI_DBM[1], heard))]:
            return []
        heard = max(_RSSI_DBM[0], min(_RSSI_DBM[1], heard))
        return [(at, Packet(packet.at, packet.address, heard, packet.number, packet.data, packet.part))]

    @staticmethod
    def _strength(address: bytes, place: Place, seed: str) -> float:
        luck = random.Random(f"{seed}/{address.hex()}").gauss(0.0, _SHADOWING_DB)  # noqa: S311
        return mean_rssi_dbm(place) + luck


_PROBABILITY: Final = {dbm: reception_probability(dbm) for dbm in range(_RSSI_DBM[0], _RSSI_DBM[1] + 1)}
