"""The gateway's decoders, other people's libraries, understand every sensor that the simulated homes may hang up."""

from datetime import UTC, datetime

import pytest

from device_sims.radio.frames import Packet, Part
from device_sims.sensors.battery import FRESH
from device_sims.sensors.sensor import Form, Make, Sensor
from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors.reading import Reading, WrongKeyError
from gateway.sensors.registry import families_of

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_BASE = "0000{:04x}-0000-1000-8000-00805f9b34fb"
_VALUES = {
    Form.MOTION: (1, 0),
    Form.DOOR: (1, 0),
    Form.BED: (1, 0),
    Form.CHAIR: (1, 0),
    Form.BUTTON: (1, 2, 3, 4),
    Form.PULL_CORD: (1,),
    Form.FALL: (1,),
    Form.SMOKE: (1, 0),
    Form.WATER_LEAK: (1, 0),
    Form.TEMPERATURE: (21.5, -12.5),
    Form.LIGHT: (120.0,),
    Form.POWER: (1_850.5,),
}
_XIAOMI = (Form.MOTION, Form.DOOR, Form.BED, Form.CHAIR, Form.SMOKE, Form.WATER_LEAK)
_HUNG = [
    *((make, form) for make in (Make.BTHOME, Make.BTHOME_PLAIN) for form in Form),
    *((Make.XIAOMI, form) for form in _XIAOMI),
    (Make.RUUVI, Form.TEMPERATURE),
    (Make.GOVEE, Form.TEMPERATURE),
]
_CASES = [(make, form, value) for make, form in _HUNG for value in _VALUES[form]]


def heard(packet: Packet) -> Advertisement:
    is_service = packet.part is Part.SERVICE_DATA
    service = {_BASE.format(packet.number): packet.data} if is_service else {}
    manufacturer = {} if is_service else {packet.number: packet.data}
    return Advertisement(packet.address.hex(":").upper(), None, service, manufacturer, -60, packet.at)


def read(packet: Packet, key: str | None) -> Reading:
    (family,) = families_of(heard(packet))
    return family.decode(heard(packet), key)


def in_this_home(sensor: Sensor, reading: Reading) -> dict[SensorKind, float]:
    meanings = {SensorKind(called): SensorKind(meant) for called, meant in sensor.reads_as.items()}
    return {meanings.get(kind, kind): value for kind, value in reading.measures}


@pytest.mark.parametrize(("make", "form", "value"), _CASES)
def test_what_a_sensor_says_is_what_the_gateway_reads(make: Make, form: Form, value: float) -> None:
    sensor = Sensor.made_from("inger", "kitchen", form, make)

    reading = read(sensor.says(value, _NOON), sensor.bind_key)
    measured = in_this_home(sensor, reading)

    assert measured.pop(SensorKind(form)) == pytest.approx(value, abs=0.01)
    measured.pop(SensorKind.LIGHT, None)  # a Xiaomi tells it with each movement
    assert measured == ({SensorKind.HUMIDITY: 40.0} if form is Form.TEMPERATURE else {})
    assert reading.is_encrypted is (make in {Make.BTHOME, Make.XIAOMI})


@pytest.mark.parametrize(("make", "form"), _HUNG)
def test_a_beacon_proves_life_and_calls_nobody(make: Make, form: Form) -> None:
    sensor = Sensor.made_from("inger", "kitchen", form, make)

    reading = read(sensor.says(0, _NOON, is_beacon=True), sensor.bind_key)

    assert not {kind for kind, value in in_this_home(sensor, reading).items() if value > 0} - {SensorKind.HUMIDITY}
    assert make is Make.RUUVI or reading.battery_percent == FRESH.percent


@pytest.mark.parametrize(("make", "form"), [(Make.BTHOME, Form.BUTTON), (Make.XIAOMI, Form.SMOKE)])
def test_no_other_key_opens_what_a_sensor_encrypts(make: Make, form: Form) -> None:
    sensor = Sensor.made_from("inger", "kitchen", form, make)

    with pytest.raises(WrongKeyError):
        read(sensor.says(1, _NOON), "00" * 16)


def test_light_is_told_by_what_has_an_eye_for_it() -> None:
    sensor = Sensor.made_from("inger", "kitchen", Form.MOTION)
    sensor.lux = 42.0

    measured = in_this_home(sensor, read(sensor.says(1, _NOON), sensor.bind_key))

    assert measured == {SensorKind.MOTION: 1.0, SensorKind.LIGHT: 42.0}
    assert sensor.kinds == ("motion", "light")


@pytest.mark.parametrize(("make", "form"), [(Make.RUUVI, Form.DOOR), (Make.GOVEE, Form.BED), (Make.XIAOMI, Form.POWER)])
def test_a_make_that_has_no_such_sensor_is_refused_in_words(make: Make, form: Form) -> None:
    with pytest.raises(ValueError, match="choose"):
        Sensor.made_from("inger", "kitchen", form, make)
