"""All sensors of one home, as they hang on its walls: what happens goes in, packets come out in order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, Protocol, Self

from device_sims.radio.frames import Packet
from device_sims.sensors.device import Device
from device_sims.sensors.model import Ill, Model, model_of
from device_sims.sensors.sensor import Form, Make, Sensor
from gateway.contract.observation import SensorKind


@dataclass(frozen=True, slots=True)
class Thinning:
    """How much less than real sensors simulated ones send, to save time.

    On a quiet channel no event and no change of state is lost by it. What is measured, and that a state lasts, is told
    more seldom.

    `copies`: how often a packet is sent at most; None: as by itself. Who calls for help is not thinned so: a call that
    is sent once is lost where an oven is on.
    `beacon_every`: the shortest pause between two beacons.
    """

    copies: int | None = None
    beacon_every: timedelta = timedelta()


AS_THEY_ARE: Final = Thinning()
_CALLS: Final = frozenset({Form.BUTTON, Form.PULL_CORD, Form.FALL, Form.SMOKE, Form.WATER_LEAK})


class Hanging(Protocol):
    """A sensor in a floor plan. It is of the first of its kinds; humidity and light it may tell besides."""

    @property
    def name(self) -> str:
        """What the home calls it."""
        ...

    @property
    def room(self) -> str:
        """Where it hangs."""
        ...

    @property
    def kinds(self) -> Sequence[SensorKind]:
        """What it measures."""
        ...


class Noticed(Protocol):
    """Something a sensor could notice: `sensor` is its name in the home, `value` as the contract has it."""

    @property
    def at(self) -> datetime:
        """When; aware."""
        ...

    @property
    def sensor(self) -> str:
        """Which."""
        ...

    @property
    def kind(self) -> SensorKind:
        """What is measured."""
        ...

    @property
    def value(self) -> float:
        """How much."""
        ...


class Kit:
    """The sensors, by their names in the home. The same sensors and the same happenings give the same bytes."""

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self.devices = dict(devices)

    @classmethod
    def hung(
        cls,
        seed: str,
        plan: Iterable[Hanging],
        begins: datetime,
        makes: Mapping[str, Make] | None = None,
        ills: Mapping[str, Sequence[Ill]] | None = None,
        thinning: Thinning = AS_THEY_ARE,
    ) -> Self:
        """Return the sensors of a plan, switched on at `begins` (aware).

        Args:
            seed: names the home.
            plan: what hangs where.
            begins: no moment before that may be told them.
            makes: who made which, by name; BTHome unless said.
            ills: what goes wrong with which, by name.
            thinning: what is left out of what they would send.

        Raises:
            ValueError: a make has no such sensor.
        """
        makes, ills = makes or {}, ills or {}
        sensors = {one.name: _sensor(seed, one, makes.get(one.name, Make.BTHOME)) for one in plan}
        return cls(
            {
                name: Device(sensor, begins, _thinned(sensor, thinning), ills=ills.get(name, ()))
                for name, sensor in sensors.items()
            }
        )

    @property
    def sensors(self) -> list[Sensor]:
        """Who they are, for the provisioning of the home."""
        return [device.sensor for device in self.devices.values()]

    def notices(self, noticed: Noticed) -> None:
        """Let a sensor notice something; one that does not hang here notices nothing."""
        device = self.devices.get(noticed.sensor)
        if device is not None:
            device.notices(noticed.kind, noticed.value, noticed.at)

    def pass_until(self, moment: datetime) -> list[Packet]:
        """Return what all have sent since they were last asked, up to `moment`, in order."""
        said = [packet for device in self.devices.values() for packet in device.pass_until(moment)]
        said.sort(key=attrgetter("at"))
        return said

    def over(self, noticed: Iterable[Noticed], until: datetime) -> Iterator[Packet]:
        """Yield everything that is sent while these things happen (oldest first), up to `until`."""
        for one in noticed:
            yield from self.pass_until(one.at)
            self.notices(one)
        yield from self.pass_until(until)


def _thinned(sensor: Sensor, thinning: Thinning) -> Model:
    model = model_of(sensor.make, sensor.form)
    most = None if sensor.form in _CALLS else thinning.copies
    copies = model.copies if most is None else min(most, model.copies)
    every = model.beacon_every and max(model.beacon_every, thinning.beacon_every)
    return replace(model, copies=copies, beacon_every=every)


def _sensor(seed: str, hanging: Hanging, make: Make) -> Sensor:
    form = Form(hanging.kinds[0])
    sensor = Sensor.made_from(seed, hanging.name, form, make)
    sensor.room = hanging.room
    if form is not Form.LIGHT and SensorKind.LIGHT in hanging.kinds:
        sensor.lux = 0.0
    return sensor
