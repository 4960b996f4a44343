"""What the gateway costs in a home, and what it bears: the whole program, through bleak's own callbacks, to the broker.

    python bench/bench_gateway.py [seconds]

Three programs hear the same packets, each alone on the machine in its turn: bleak with a callback that does nothing,
the gateway, and TheengsGateway where it is found. That one is no part of this project; to have it beside, install it
into a folder of its own and name the folder:

    python -m pip install --target ~/theengs TheengsGateway && THEENGS=~/theengs python bench/bench_gateway.py
"""

import asyncio
import math
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from home_air import BUTTON, KEY, HomeAir, home, press, sensors
from programs import Program
from receipts import Broker, Receipts

from device_sims.radio.frames import Packet
from device_sims.radio.transmitter import Air
from device_sims.sensors import bthome
from gateway.contract.clock import SystemClock
from gateway.contract.home_config import HomeConfig

HERE = Path(__file__).parent
GATEWAY = "gw-bench"
HOME_PER_S, FLOOD_PER_S = 50, 6_000
HOUR = 3600 * HOME_PER_S
PRESSES = 10
PATIENCE_S = 30.0


@dataclass
class Measured:
    """What was seen of one program."""

    cpu_50: float = 0.0  # seconds of processor time in a second
    us_a_packet: float = 0.0  # microseconds of processor time in the flood
    per_s: float = 0.0  # packets taken in a second of the flood
    memory: dict[str, tuple[float, float]] = field(default_factory=dict)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


async def speak(air: Air, packets: Iterator[Packet], per_s: float, give_up_s: float = math.inf) -> tuple[int, float]:
    """Put packets on the air at that rate or as fast as they are taken; return how many, and in how many seconds."""
    began, sent = time.perf_counter(), 0
    for packet in packets:
        await air.send(packet)
        sent += 1
        if sent % 10 == 0 or per_s <= HOME_PER_S:
            await asyncio.sleep(max(0.0, began + sent / per_s - time.perf_counter()))
        if time.perf_counter() > began + give_up_s:
            break
    await air.heard()
    return sent, time.perf_counter() - began


@asynccontextmanager
async def listening(air: Air, *command: str, path: str = "") -> AsyncIterator[Program]:
    """Run a program until it listens to the air, and end it."""
    there = {**os.environ, "PYTHONPATH": path}
    errors = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=errors, stderr=errors, env=there)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await air.listened_to()
        yield Program(child.pid)
    finally:
        if child.returncode is None:
            child.terminate()
        try:
            async with asyncio.timeout(10):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


async def measured(air: Air, program: Program, said: HomeAir, seconds: int) -> Measured:
    """Let a program hear a home, and then a flood."""
    found = Measured()
    await asyncio.sleep(2)
    found.memory["at rest"] = program.memory_mb()
    say(f"  {seconds} s of a home, {HOME_PER_S} packets a second")
    before = program.cpu_s()
    _, took_s = await speak(air, said.packets(seconds * HOME_PER_S, HOME_PER_S), HOME_PER_S)
    found.cpu_50 = (program.cpu_s() - before) / took_s
    say(f"  {seconds // 2} s of a flood, {FLOOD_PER_S} packets a second")
    before = program.cpu_s()
    flood = said.packets(seconds // 2 * FLOOD_PER_S, FLOOD_PER_S)
    taken, took_s = await speak(air, flood, FLOOD_PER_S, give_up_s=PATIENCE_S)
    found.per_s = taken / took_s
    found.us_a_packet = (program.cpu_s() - before) / taken * 1e6
    found.memory["after the flood"] = program.memory_mb()
    return found


async def our_gateway(folder: Path, broker: Broker, seconds: int) -> Measured:
    say("the gateway")
    data = folder / "data"
    config = HomeConfig(version=1, gateway_id=GATEWAY, sensors=home())
    options = ("--id", GATEWAY, "--broker", broker.url, "--data", str(data), "--radio", f"virtual:{folder}/air")
    run = ("-m", "gateway.command", "gateway", "run", *options)
    said = HomeAir(SystemClock().now())
    async with Receipts(broker, config).running() as receipts, on_air(folder, said) as air:
        async with listening(air, *run) as program:
            found = await measured(air, program, said, seconds)
            say(f"  an hour of packets, {HOUR:,}, as fast as they are taken")
            await speak(air, said.packets(HOUR, HOME_PER_S), 1e9)
            found.memory["after an hour's packets"] = program.memory_mb()
            waits = [await press_in_flood(air, receipts, said, number) for number in range(PRESSES)]
            found.memory["after strangers"] = program.memory_mb()
        expected = said.facts + PRESSES
        await receipts.until(lambda: receipts.count() >= expected)
    told(expected, written(data / "outbox.db"), receipts.count())
    print(f"a press in a flood of {FLOOD_PER_S // 3:,}/s: at the server after {ms(waits)} ms (median, longest)")
    return found


async def press_in_flood(air: Air, receipts: Receipts, said: HomeAir, number: int) -> float:
    """Press the button in the middle of a flood of strangers; return how long it took to the server, in seconds."""
    flood = asyncio.create_task(
        speak(air, said.packets(FLOOD_PER_S // 3, FLOOD_PER_S / 3, strangers=1.0), FLOOD_PER_S / 3)
    )
    await asyncio.sleep(0.3)
    began = time.perf_counter()
    await air.send(Packet(said.now, bytes.fromhex(BUTTON), -60, bthome.SERVICE_UUID16, press(number)))
    await receipts.until(lambda: receipts.urgent > number)
    waited = time.perf_counter() - began
    await flood
    return waited


async def bare(folder: Path, seconds: int) -> Measured:
    say("bleak alone")
    said = HomeAir(SystemClock().now())
    command = (str(HERE / "other_listeners.py"), "bare", f"{folder}/air")
    async with (
        on_air(folder, said) as air,
        listening(
            air,
            *command,
        ) as program,
    ):
        return await measured(air, program, said, seconds)


async def theengs(folder: Path, place: Path, broker: Broker, seconds: int) -> Measured:
    say("TheengsGateway")
    keys = [word for one in sensors() if one.config.bind_key for word in (one.address.hex(":").upper(), KEY.hex())]
    said = HomeAir(SystemClock().now())
    command = (str(HERE / "other_listeners.py"), "theengs", f"{folder}/air", "127.0.0.1", str(broker.port), *keys)
    async with on_air(folder, said) as air, listening(air, *command, path=str(place)) as program:
        return await measured(air, program, said, seconds)


@asynccontextmanager
async def on_air(folder: Path, said: HomeAir) -> AsyncIterator[Air]:
    air = Air(folder / "air", said.now - timedelta(seconds=1))
    await air.open()
    try:
        yield air
    finally:
        await air.close()


def written(outbox: Path) -> int:
    """Return how many facts the outbox has numbered."""
    with sqlite3.connect(outbox) as file:
        return int(file.execute("SELECT sum(last_seq) FROM head").fetchone()[0])


def told(expected: int, on_disk: int, at_server: int) -> None:
    verdict = "none lost" if expected == on_disk == at_server else "NOT THE SAME"
    print(f"facts told by the home {expected:,}, numbered on disk {on_disk:,}, at the server {at_server:,}: {verdict}")


def ms(waits: list[float]) -> str:
    return f"{statistics.median(waits) * 1000:.0f}, {max(waits) * 1000:.0f}"


def table(rows: dict[str, Measured]) -> None:
    floor = rows["bleak alone"]
    print(f"\n{'':18}{'CPU at 50/s':>12}{'x bleak':>9}{'us a packet':>13}{'x bleak':>9}{'taken/s':>9}")
    for name, one in rows.items():
        cost, heavy = one.cpu_50 / floor.cpu_50, one.us_a_packet / floor.us_a_packet
        print(f"{name:18}{one.cpu_50:>11.1%} {cost:>8.1f}{one.us_a_packet:>13.0f}{heavy:>9.1f}{one.per_s:>9,.0f}")
    print("\nmemory in MB, resident (fair share)")
    for name, one in rows.items():
        sizes = ", ".join(f"{when} {rss:.0f} ({pss:.0f})" for when, (rss, pss) in one.memory.items())
        print(f"{name:18}{sizes}")


@contextmanager
def new_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gwb") as name:
        yield Path(name)


def main(seconds: int, place: Path) -> None:
    rows: dict[str, Measured] = {}
    with new_folder() as folder:
        rows["bleak alone"] = asyncio.run(bare(folder, seconds))
    with new_folder() as folder, Broker(folder).running() as broker:
        rows["livsrytme"] = asyncio.run(our_gateway(folder, broker, seconds))
    if (place / "TheengsGateway").is_dir():
        with new_folder() as folder, Broker(folder, "v4").running() as broker:
            rows["TheengsGateway"] = asyncio.run(theengs(folder, place, broker, seconds))
    else:
        print("TheengsGateway is not there to compare with; the head of this file says how to install it.")
    table(rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, Path(os.environ.get("THEENGS", "theengs")).expanduser())
