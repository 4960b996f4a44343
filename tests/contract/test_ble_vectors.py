"""Packets of many makers, recorded by the project ble_monitor: each of a family we claim means what is stated there."""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.contract.observation import SensorKind
from gateway.packets import read_packet
from gateway.sensors.reading import Reading
from gateway.sensors.registry import families_of

_REPOSITORY: Final = Path(__file__).parents[2]
_DATA: Final = Path(os.environ.get("LIVSRYTME_DATA", _REPOSITORY.parent / "shared" / "data"))
_FILE: Final = _DATA / "ble_vectors" / "ble_monitor_vectors.json"
_VECTORS: Final[list[dict[str, Any]]] = json.loads(_FILE.read_text(encoding="utf-8")) if _FILE.exists() else []

# Our family, by what the vectors call the sensor's maker or format. Whatever is not here we do not claim.
_FAMILY_OF: Final = {
    "BTHome V2": "BTHome v2",
    "Govee": "Govee",
    "Inkbird": "Inkbird",
    "Qingping": "Qingping",
    "Ruuvitag": "Ruuvi",
    "Thermobeacon": "ThermoBeacon",
    "Xiaomi": "MiBeacon",
}

# What the vectors call a fact about a home, as the libraries know it too. Other fields (pressure, weight, locks, air
# quality, limits that were set ...) are of no kind that we claim.
_KIND_OF: Final = {
    "temperature": SensorKind.TEMPERATURE,
    "temperature probe": SensorKind.TEMPERATURE,
    "humidity": SensorKind.HUMIDITY,
    "illuminance": SensorKind.LIGHT,
    "power": SensorKind.POWER,
    "motion": SensorKind.MOTION,
    "presence": SensorKind.MOTION,
    "occupancy": SensorKind.MOTION,
    "door": SensorKind.DOOR,
    "garage door": SensorKind.DOOR,
    "opening": SensorKind.DOOR,
    "window": SensorKind.DOOR,
    "moisture detected": SensorKind.WATER_LEAK,
    "button": SensorKind.BUTTON,
    "button switch": SensorKind.BUTTON,
}
_PRESSES: Final = {"single press": 1.0, "double press": 2.0, "long press": 4.0}

# Where the library says less or more than the vector, and why.
_LEFT_OUT: Final = {
    # The bytes that stand there in a packet about an event are no light: qingping-ble, issue 84.
    "test_qingping_CGPR1_2": {SensorKind.LIGHT},
}
_SAID_BESIDES: Final = {
    # A flood detector in water; ble_monitor states nothing of it.
    "test_Xiaomi_SJWS01LM": [(SensorKind.WATER_LEAK, 1.0)],
}
# Battery levels that ble_monitor works out from a voltage, and the library does not.
_NO_BATTERY: Final = {"test_ruuvitag_v3"}
_ROUNDING: Final = 0.006  # the libraries round to two decimals
_BATTERY_ROUNDING: Final = 0.5  # or to whole percents


def family_of(vector: dict[str, Any]) -> str | None:
    return next((ours for theirs, ours in _FAMILY_OF.items() if vector["expect"]["firmware"].startswith(theirs)), None)


def called(vector: dict[str, Any]) -> str:
    return f"{family_of(vector) or 'not claimed ' + str(vector['expect']['firmware'])}: {vector['test']}"


_CLAIMED: Final = [vector for vector in _VECTORS if family_of(vector) is not None]
_NOT_CLAIMED: Final = [vector for vector in _VECTORS if family_of(vector) is None]


def stated(vector: dict[str, Any]) -> list[tuple[SensorKind, float]]:
    return sorted(
        (_KIND_OF[name], _PRESSES.get(value, value))
        for name, value in ((re.sub(r" \d+$", "", field), value) for field, value in vector["expect"].items())
        if name in _KIND_OF
    )


def read(vector: dict[str, Any]) -> Reading:
    advertisement = read_packet(vector["hci_hex"])
    assert advertisement.sensor_id == vector["expect"]["mac"].lower()
    (family,) = families_of(advertisement)
    assert family.name == family_of(vector)
    return family.decode(advertisement, vector["aes_key"])


def test_the_vectors_are_all_accounted_for() -> None:
    if not _VECTORS:
        pytest.skip(f"no packets of other makers at {_FILE}; set LIVSRYTME_DATA")

    assert (len(_CLAIMED), len(_NOT_CLAIMED)) == (82, 58)
    exceptions = {*_LEFT_OUT, *_SAID_BESIDES, *_NO_BATTERY}
    assert exceptions <= {vector["test"] for vector in _CLAIMED}


@pytest.mark.parametrize("vector", _CLAIMED, ids=called)
def test_a_packet_means_what_is_stated(vector: dict[str, Any]) -> None:
    test, expect = vector["test"], vector["expect"]
    reading = read(vector)

    wanted = [(kind, value) for kind, value in stated(vector) if kind not in _LEFT_OUT.get(test, ())]
    assert sorted(reading.measures) == [
        (kind, pytest.approx(value, abs=_ROUNDING)) for kind, value in sorted(wanted + _SAID_BESIDES.get(test, []))
    ]
    if test not in _NO_BATTERY:
        battery = expect.get("battery")
        assert reading.battery_percent == (None if battery is None else pytest.approx(battery, abs=_BATTERY_ROUNDING))
    assert reading.is_encrypted == ("encrypted" in expect["firmware"])


@pytest.mark.parametrize("vector", _CLAIMED, ids=called)
def test_a_packet_has_the_number_that_is_stated(vector: dict[str, Any]) -> None:
    number = vector["expect"].get("packet")

    reading = read(vector)

    assert number in ("no packet id", reading.packet_id, reading.counter)


@pytest.mark.parametrize("vector", _NOT_CLAIMED, ids=called)
def test_no_family_of_ours_mistakes_a_packet_for_its_own(vector: dict[str, Any]) -> None:
    assert families_of(read_packet(vector["hci_hex"])) == ()
