"""One simulated home as it is set up: its resident on paper, its sensors on the walls, its gateway and its air."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from device_sims.life.noticing import Happening
from device_sims.radio.frames import Packet
from device_sims.radio.transmitter import Air
from device_sims.sensors.sensor import Form, Sensor


@dataclass(frozen=True, slots=True)
class Tenancy:
    """What a municipality would write down about a home. `code` is short, in lower case: gw-`code` is its gateway."""

    code: str
    resident: str
    birth_year: int
    street: str
    zone: ZoneInfo


class Dwelling:
    """A home with its sensors, its gateway and its air; what they say is put on the air by whoever simulates it.

    Args:
        tenancy: who lives where.
        sensors: what hangs there.
        sockets: a folder with a short path for the radio's socket.
        now: the world's time (aware).
        speak_every: how often each sensor is heard at the least, so that silence is a fault; None: it may be silent.

    Raises:
        AirAddressError: the folder's path is too long for a socket.
    """

    def __init__(
        self,
        tenancy: Tenancy,
        sensors: Iterable[Sensor],
        sockets: Path,
        now: datetime,
        speak_every: timedelta | None = None,
    ) -> None:
        self.tenancy = tenancy
        self.gateway_id = f"gw-{tenancy.code}"
        self.air = Air(sockets / tenancy.code, now)
        self.sensors = list(sensors)
        self._expected = {} if speak_every is None else {"expected_interval_s": speak_every.total_seconds()}

    def provisioning(self, unit: str) -> dict[str, Any]:
        """Return the home as a provisioning file has it."""
        return {
            "code": f"home-{self.tenancy.code}",
            "unit": unit,
            "address": self.tenancy.street,
            "time_zone": str(self.tenancy.zone),
            "test": True,
            "resident": {
                "code": f"res-{self.tenancy.code}",
                "name": self.tenancy.resident,
                "birth_year": self.tenancy.birth_year,
            },
            "gateway_id": self.gateway_id,
            "sensors": [sensor.provisioning() | self._expected for sensor in self.sensors],
        }


class Household(Dwelling):
    """A home with one encrypted sensor at each place, which sends one packet for each happening: they can be counted.

    Args:
        tenancy: who lives where.
        places: where what kind of sensor hangs; repeats are harmless.
        sockets: a folder with a short path for the radio's socket.
        now: the world's time (aware).

    Raises:
        AirAddressError: the folder's path is too long for a socket.
    """

    def __init__(self, tenancy: Tenancy, places: Iterable[tuple[str, Form]], sockets: Path, now: datetime) -> None:
        self._at_place = {place: Sensor.made_from(tenancy.code, *place) for place in sorted(set(places))}
        super().__init__(tenancy, self._at_place.values(), sockets, now)

    @property
    def places(self) -> list[tuple[str, Form]]:
        """Where what kind of sensor hangs."""
        return list(self._at_place)

    async def put_on_air(self, happening: Happening) -> None:
        """Let the sensor that notices it send its packet; waits while no gateway listens."""
        await self.air.send(self._packet(happening))

    def _packet(self, happening: Happening) -> Packet:
        return self._at_place[happening.room, Form(happening.kind)].says(happening.value, happening.at)
