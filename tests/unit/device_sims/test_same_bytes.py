"""The same seed gives the same bytes: in another process, with other hashes, a month long."""

import os
import subprocess
import sys

# A month of a home of mixed makes through a bad air, as one hash.
_MONTH = """
import hashlib, random, sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from device_sims.radio.faults import Channel, Delay, Duplication, Flood, Interference, Loss, Reordering
from device_sims.radio.frames import write_packet
from device_sims.radio.reception import Place, Reception
from device_sims.sensors.device import Device
from device_sims.sensors.kit import Kit
from device_sims.sensors.battery import Cell
from device_sims.sensors.model import Dying, Flapping, Model, Restart
from device_sims.sensors.sensor import Form, Make, Sensor
from gateway.contract.observation import SensorKind

seed, begins = sys.argv[1], datetime(2026, 3, 1, tzinfo=UTC)
ends = begins + timedelta(days=int(sys.argv[2]))
model = Model(Cell(timedelta(days=700), 10**8), beacon_every=timedelta(minutes=10))
day, second = timedelta(days=1), timedelta(seconds=1)
hung = {"hall": (Form.MOTION, Make.XIAOMI), "bath": (Form.MOTION, Make.BTHOME), "door": (Form.DOOR, Make.BTHOME),
        "pill": (Form.BUTTON, Make.BTHOME), "air": (Form.TEMPERATURE, Make.RUUVI),
        "cold": (Form.TEMPERATURE, Make.GOVEE)}
ills = {"door": [Flapping(begins + day, begins + 1.01 * day)], "bath": [Restart(begins + 2 * day)],
        "cold": [Dying(begins + 9 * day)]}
kit = Kit({name: Device(Sensor.made_from(seed, name, form, make), begins, model, ills=ills.get(name, ()))
           for name, (form, make) in hung.items()})
chance = random.Random(seed)
at, noticed = begins, []
while (at := at + chance.expovariate(1 / 200) * second) < ends:
    name = chance.choice(list(hung))
    value = 20 + chance.random() if hung[name][0] is Form.TEMPERATURE else 1 + chance.randrange(2)
    noticed.append(SimpleNamespace(at=at, sensor=name, kind=SensorKind(hung[name][0]), value=value))
places = {device.sensor.address: Place(3 + 3 * n, n) for n, device in enumerate(kit.devices.values())}
air = Channel(Reception(places, seed), Loss(0.1, seed), Interference(600 * second, 9 * second, 0.9, seed),
              Duplication(0.1, second, seed), Delay(0 * second, 0.1 * second, seed), Reordering(0.1, second, seed),
              Flood(begins, begins + 60 * second, 20, seed))
digest, count = hashlib.sha256(), 0
for packet in air.over(kit.over(noticed, ends)):
    count += 1
    digest.update(write_packet(count, packet))
print(count, digest.hexdigest())
"""


def _hash_of(seed: str, days: int, hashes: int) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONHASHSEED": str(hashes)}
    return subprocess.Popen(
        [sys.executable, "-c", _MONTH, seed, str(days)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_a_month_is_the_same_to_the_byte_in_every_process_and_another_seed_is_another_month() -> None:
    processes = [_hash_of("inger", 30, 1), _hash_of("inger", 30, 2), _hash_of("inger", 2, 1), _hash_of("olav", 2, 1)]

    first, again, short, other = (process.communicate(timeout=110)[0].split() for process in processes)

    assert first == again
    assert short != other
    assert int(first[0]) > 50_000
