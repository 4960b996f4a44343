"""`livsrytme gateway scan` as a technician starts it: another process, on the same D-Bus."""

import asyncio
import os
import pty
import shutil
import sysconfig
from pathlib import Path

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from gateway.contract.codec import to_json
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.enrolment import Enrolment
from gateway.home import Home
from gateway.identity import keep_private
from gateway.troubles import Troubles

LIVSRYTME = shutil.which("livsrytme", path=sysconfig.get_path("scripts")) or "livsrytme"
OURS, THEIRS, PHONE, CUFF = (f"A4:C1:38:00:00:0{number}" for number in (1, 2, 3, 4))


def on_air(strength: int) -> tuple[Heard, ...]:
    motion = {0xFCD2: bytes.fromhex("44002101")}
    return (
        Heard(OURS, strength, service_data=motion, name="PIR"),
        Heard(THEIRS, strength - 10, service_data=motion),
        Heard(PHONE, strength - 20, manufacturer_data={76: b"phone"}),
        Heard(CUFF, strength - 15, services=[0x1810], name="cuff"),
    )


async def speak(daemon: Bluetoothd) -> None:
    strength = -50
    while True:
        strength = -50 if strength == -60 else -60
        for heard in on_air(strength):
            daemon.hear(heard)
        await asyncio.sleep(0.1)


def at_home(folder: Path) -> tuple[str, ...]:
    config = HomeConfig(version=1, gateway_id="gw-a", sensors=(SensorConfig(sensor_id="a4c138000001", room="hallway"),))
    Home(folder, "gw-a", Troubles()).take(to_json(config))
    keep_private(folder / "enrolment.json", to_json(Enrolment(gateway_id="gw-a", secret="0" * 16)))
    return ("--data", str(folder))


async def test_without_a_terminal_each_device_is_a_line(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    speaking = asyncio.create_task(speak(bluetoothd))
    process = await asyncio.create_subprocess_exec(
        *(LIVSRYTME, "gateway", "scan", "--seconds", "1.5", "--radio", "bluez:hci0", *at_home(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaints = await process.communicate()
    speaking.cancel()

    lines = [line.split("\t") for line in told.decode().splitlines()]
    assert [line[0] for line in lines] == [OURS, THEIRS, CUFF, PHONE]
    assert [line[6] for line in lines] == ["hallway", "unknown", "unknown", "unknown"]
    assert [line[2] for line in lines] == ["BTHome v2", "BTHome v2", "by connection", "-"]
    assert (lines[0][1], complaints) == ("PIR", b"")
    assert process.returncode == 0


async def test_in_a_terminal_the_table_lives_until_ctrl_c(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    speaking = asyncio.create_task(speak(bluetoothd))
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(LIVSRYTME, "gateway", "scan", *at_home(tmp_path)),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        start_new_session=True,
    )
    os.close(theirs)
    shown = ""
    async with asyncio.timeout(15):
        while "hallway" not in shown:
            shown += await asyncio.to_thread(lambda: os.read(ours, 65536).decode(errors="replace"))
        process.send_signal(2)
        await process.wait()
    os.close(ours)
    speaking.cancel()

    assert process.returncode == 0
    assert OURS in shown


async def test_without_an_adapter_it_says_so(bus: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(LIVSRYTME, "gateway", "scan", "--seconds", "1", "--radio", "bluez:hci7"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaints = await process.communicate()

    assert told == b""
    assert b"Not listening: bluez:hci7. Is the adapter there" in complaints
    assert b"Traceback" not in complaints
