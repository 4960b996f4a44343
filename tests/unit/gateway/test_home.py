"""A gateway knows its home from what the server last said, network or not."""

import asyncio
import stat
from pathlib import Path

import pytest

from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.home import Home
from gateway.troubles import Troubles

_SENSOR = "a4c138000001"


def config(version: int, room: str, gateway_id: str = "gw-a", mark: str | None = None) -> bytes:
    sensors = (SensorConfig(sensor_id=_SENSOR, room=room, bind_key="0" * 32),)
    return to_json(HomeConfig(version=version, mark=mark, gateway_id=gateway_id, sensors=sensors))


def room(home: Home) -> str | None:
    sensor = home.sensor(_SENSOR)
    return None if sensor is None else sensor.room


def test_the_last_configuration_is_known_after_a_restart(tmp_path: Path) -> None:
    Home(tmp_path, "gw-a", Troubles()).take(config(1, "kitchen"))

    assert room(Home(tmp_path, "gw-a", Troubles())) == "kitchen"


def test_only_a_newer_version_replaces_the_present_one(tmp_path: Path) -> None:
    home = Home(tmp_path, "gw-a", Troubles())
    home.take(config(2, "kitchen"))
    home.take(config(2, "bedroom"))
    home.take(config(1, "lounge"))
    assert room(home) == "kitchen"

    home.take(config(3, "bathroom"))
    assert room(home) == "bathroom"


def test_another_configuration_that_is_not_newer_is_counted_and_our_own_told_again_is_not(tmp_path: Path) -> None:
    troubles = Troubles()
    home = Home(tmp_path, "gw-a", troubles)
    for version, mark in ((3, "0000000a"), (3, "0000000a"), (3, "0000000b"), (2, "0000000a")):
        home.take(config(version, "kitchen", mark=mark))

    assert troubles.so_far() == {Trouble.OLD_CONFIG: 2}
    assert (home.version, home.mark) == (3, "0000000a")
    assert Home(tmp_path, "gw-a", troubles).mark == "0000000a"


@pytest.mark.parametrize("bad", [b"", b"{}", b"\xff", config(9, "lounge", gateway_id="gw-b")])
def test_a_bad_configuration_is_counted_and_the_last_good_one_stays(tmp_path: Path, bad: bytes) -> None:
    troubles = Troubles()
    home = Home(tmp_path, "gw-a", troubles)
    home.take(config(1, "kitchen"))

    home.take(bad)

    assert room(home) == "kitchen"
    assert troubles.so_far() == {Trouble.BAD_CONFIG: 1}


def test_a_damaged_file_is_counted_and_does_not_stop_the_gateway(tmp_path: Path) -> None:
    Home(tmp_path, "gw-a", Troubles()).take(config(1, "kitchen"))
    (tmp_path / "home.json").write_bytes(b'{"version"')
    troubles = Troubles()

    assert room(Home(tmp_path, "gw-a", troubles)) is None
    assert troubles.so_far() == {Trouble.BAD_CONFIG: 1}


def test_the_sensors_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    Home(tmp_path, "gw-a", Troubles()).take(config(1, "kitchen"))

    assert stat.S_IMODE((tmp_path / "home.json").stat().st_mode) == 0o600


def test_a_configuration_counts_even_when_the_disk_does_not_take_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "not there", "gw-a", Troubles())

    home.take(config(1, "kitchen"))

    assert room(home) == "kitchen"


async def test_waiting_for_a_home_ends_when_it_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path, "gw-a", Troubles())
    waiting = asyncio.ensure_future(home.known())

    home.take(config(1, "kitchen"))

    async with asyncio.timeout(5):
        await waiting
