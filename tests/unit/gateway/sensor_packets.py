"""Packets of many families as their makers write them: golden bytes, and the few that have to be sealed first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "A4:C1:38:8D:18:B2"
SENSOR = "a4c1388d18b2"
KEY = "231d39c1d7cc1ab1aee224cd096db932"
OTHER_KEY = "814aac74c4f17b6c1581e1ab87816b99"

BTHOME_DATA = "0000fcd2-0000-1000-8000-00805f9b34fb"
MIBEACON_DATA = "0000fe95-0000-1000-8000-00805f9b34fb"
QINGPING_DATA = "0000fdcd-0000-1000-8000-00805f9b34fb"

_REVERSED = bytes.fromhex(SENSOR)[::-1]


def heard(
    *,
    service_data: dict[str, bytes] | None = None,
    manufacturer_data: dict[int, bytes] | None = None,
    name: str | None = None,
    rssi_dbm: int = -60,
    after_s: float = 0.0,
    address: str = ADDRESS,
) -> Advertisement:
    at = NOON + timedelta(seconds=after_s)
    return Advertisement(address, name, service_data or {}, manufacturer_data or {}, rssi_dbm, at)


def bthome(content: str) -> Advertisement:
    """Return a plain packet; `content` is hex behind the first byte."""
    return heard(service_data={BTHOME_DATA: b"\x44" + bytes.fromhex(content)})


def sealed_bthome(counter: int, content: str, key: str = KEY) -> Advertisement:
    """Return an encrypted packet. Source: bthome.io/encryption."""
    count = counter.to_bytes(4, "little")
    nonce = bytes.fromhex(SENSOR) + b"\xd2\xfc\x45" + count
    sealed = AESCCM(bytes.fromhex(key), tag_length=4).encrypt(nonce, bytes.fromhex(content), None)
    return heard(service_data={BTHOME_DATA: b"\x45" + sealed[:-4] + count + sealed[-4:]})


def mibeacon(number: int, content: str, product: int = 0x01AA) -> Advertisement:
    """Return a plain packet of version 5; the product is a thermometer (LYWSDCGQ) unless said."""
    head = b"\x50\x50" + product.to_bytes(2, "little") + bytes([number])
    return heard(service_data={MIBEACON_DATA: head + _REVERSED + bytes.fromhex(content)})


def sealed_mibeacon(counter: int, content: str, product: int = 0x2AEB, key: str = KEY) -> Advertisement:
    """Return an encrypted packet of version 5; the product is a motion sensor (HS1BB) unless said."""
    head = b"\x58\x50" + product.to_bytes(2, "little") + bytes([counter & 0xFF])
    rest = (counter >> 8).to_bytes(3, "little")
    nonce = _REVERSED + head[2:5] + rest
    sealed = AESCCM(bytes.fromhex(key), tag_length=4).encrypt(nonce, bytes.fromhex(content), b"\x11")
    return heard(service_data={MIBEACON_DATA: head + _REVERSED + sealed[:-4] + rest + sealed[-4:]})


def govee_event(clock_ms: int, model: int, state: int) -> Advertisement:
    """Return a packet of Govee's buttons, doors and motion sensors, scrambled with the time in it."""
    content = bytes([1, 5, model, 2, 100, state, *bytes(10)])
    stamp = clock_ms.to_bytes(4, "little")
    cipher = Cipher(algorithms.AES((stamp + bytes(12))[::-1]), modes.ECB()).encryptor()  # noqa: S305 - the maker's choice
    scrambled = (cipher.update(content[::-1]) + cipher.finalize())[::-1]
    data = b"\x01\x00" + stamp + scrambled + _govee_check(scrambled).to_bytes(2, "big")
    return heard(
        manufacturer_data={0xEF88: data},
        name="GV51",  # then follows the model, which the content tells too
    )


def _govee_check(data: bytes) -> int:
    check = 0x1D0F
    for byte in data:
        for place in range(7, -1, -1):
            flip = (check >> 15) ^ (byte >> place & 1)
            check = (check << 1 & 0xFFFF) ^ (0x1021 if flip else 0)
    return check


@dataclass(frozen=True, slots=True)
class Golden:
    """A packet, and all that it says."""

    family: str
    packet: Advertisement
    measures: tuple[tuple[SensorKind, float], ...]
    battery_percent: float | None = None
    key: str | None = None


_T, _H = SensorKind.TEMPERATURE, SensorKind.HUMIDITY

GOLDEN = (
    Golden("BTHome v2", bthome("000701643a01"), ((SensorKind.BUTTON, 1.0),), 100),
    Golden("BTHome v2", sealed_bthome(9, "2101"), ((SensorKind.MOTION, 1.0),), key=KEY),
    Golden("BTHome v2", bthome("2901"), ((SensorKind.SMOKE, 1.0),)),
    Golden("MiBeacon", mibeacon(218, "0d1004fe004802"), ((_T, 25.4), (_H, 58.4))),
    Golden(
        "MiBeacon",
        sealed_mibeacon(0x3801, "084a0400006443"),
        ((SensorKind.LIGHT, 228.0), (SensorKind.MOTION, 1.0)),
        key=KEY,
    ),
    Golden("MiBeacon", sealed_mibeacon(7, "034c0164"), (), 100, KEY),
    Golden("MiBeacon", sealed_mibeacon(8, "3c480101", product=0x3F4C), ((SensorKind.BED, 1.0),), key=KEY),
    Golden("MiBeacon", sealed_mibeacon(8, "3c480100", product=0x3F4C), ((SensorKind.BED, 0.0),), key=KEY),
    Golden("MiBeacon", sealed_mibeacon(3, "15100101", product=0x0997), ((SensorKind.SMOKE, 1.0),), key=KEY),
    Golden("MiBeacon", sealed_mibeacon(3, "14100101", product=0x0863), ((SensorKind.WATER_LEAK, 1.0),), key=KEY),
    Golden("MiBeacon", sealed_mibeacon(3, "124a0101", product=0x1889), ((SensorKind.DOOR, 1.0),), key=KEY),
    Golden(
        "Ruuvi",
        heard(manufacturer_data={0x0499: bytes.fromhex("0512fc5394c37c0004fffc040cac364200cdcbb8334c884f")}),
        ((_T, 24.3), (_H, 53.49)),
    ),
    Golden(
        "Govee",
        heard(manufacturer_data={0xEC88: bytes.fromhex("0081c2896400"), 76: b"\x02\x15INTELLI"}, name="GVH5075_CB9B"),
        ((_T, -11.5), (_H, 33.7)),
        100,
    ),
    Golden("Govee", govee_event(1000, model=8, state=0), ((SensorKind.BUTTON, 1.0),), 100),
    Golden("Govee", govee_event(1000, model=3, state=1), ((SensorKind.MOTION, 1.0),), 100),
    Golden("Govee", govee_event(1000, model=2, state=2), ((SensorKind.DOOR, 1.0),), 100),
    Golden("Govee", govee_event(1000, model=13, state=1), ((SensorKind.BED, 1.0),), 100),
    Golden(
        "Inkbird",
        heard(manufacturer_data={0x089C: bytes.fromhex("f41000ba4e6408")}, name="sps"),
        ((_T, 22.04), (_H, 43.4)),
        100,
    ),
    Golden(
        "Inkbird",
        heard(manufacturer_data={0: bytes.fromhex("0000") + _REVERSED + bytes.fromhex("f000")}),
        ((_T, 24.0),),
    ),
    Golden(
        "ThermoPro",
        heard(manufacturer_data={0xD7C2: bytes.fromhex("002d022c")}, name="TP357 (2142)"),
        ((_T, 21.5), (_H, 45.0)),
        100,
    ),
    Golden(
        "SensorPush",
        heard(manufacturer_data={0xD004: bytes.fromhex("e5f13e")}, name="SensorPush HT.w 0CA1"),
        ((_T, 21.0), (_H, 40.0)),
    ),
    Golden(
        "Qingping",
        heard(service_data={QINGPING_DATA: bytes.fromhex("0807") + _REVERSED + bytes.fromhex("0104ca004502020138")}),
        ((_T, 20.2), (_H, 58.1)),
        56,
    ),
    Golden(
        "Qingping",
        heard(service_data={QINGPING_DATA: bytes.fromhex("0804") + _REVERSED + bytes.fromhex("0401000f0107")}),
        ((SensorKind.DOOR, 1.0),),
    ),
    Golden(
        "ThermoBeacon",
        heard(manufacturer_data={0x11: bytes.fromhex("0000") + _REVERSED + bytes.fromhex("3c0c8f01a103b9d70300")}),
        ((_T, 24.94), (_H, 58.06)),
        100,
    ),
    Golden(
        "SensorPro",
        heard(manufacturer_data={0xAA55: bytes.fromhex("0101a4c1388d18b2012c0898138864")}, name="T201"),
        ((_T, 22.0), (_H, 50.0)),
        100,
    ),
)
