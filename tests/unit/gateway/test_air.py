"""Small rules around the radio: what wakes it, which ones there are, who is on the air, and how the program ends."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from bleak.assigned_numbers import AdvertisementDataType
from click.testing import CliRunner

from gateway import app
from gateway.ble.advertisement import Advertisement
from gateway.ble.air_book import AirBook
from gateway.ble.duty import what_is_amiss
from gateway.ble.radio import RadioLostError, open_radios
from gateway.ble.wake import wake_patterns
from gateway.cli import gateway
from gateway.connected.profile import ADVERTISED
from gateway.errors import UnknownRadioError
from gateway.sensors.registry import WAKING_COMPANIES, WAKING_SERVICES


def heard(number: int, name: str | None = None, rssi_dbm: int | None = -60) -> Advertisement:
    address = number.to_bytes(6, "big").hex(":").upper()
    return Advertisement(address, name, {}, {}, rssi_dbm, datetime(2026, 3, 1, tzinfo=UTC))


def test_a_pattern_names_the_number_as_it_stands_in_the_packet() -> None:
    assert wake_patterns([0xFCD2], [0x0499], [0x1810]) == [
        [
            (0, AdvertisementDataType.SERVICE_DATA_UUID16, b"\xd2\xfc"),
            (1, AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, b"\x18"),
            (1, AdvertisementDataType.INCOMPLETE_LIST_SERVICE_UUID16, b"\x18"),
            (0, AdvertisementDataType.FLAGS, b"\x06"),
            (0, AdvertisementDataType.FLAGS, b"\x05"),
            (0, AdvertisementDataType.FLAGS, b"\x04"),
            (0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, b"\x99\x04"),
        ]
    ]


def test_no_monitor_has_more_patterns_than_bluetoothd_bears_and_every_family_is_in_one() -> None:
    monitors = wake_patterns(WAKING_SERVICES, WAKING_COMPANIES, ADVERTISED)

    assert max(len(patterns) for patterns in monitors) <= 7
    woken = {(kind, content) for patterns in monitors for _, kind, content in patterns}
    services = {service.to_bytes(2, "little") for service in WAKING_SERVICES}
    companies = {company.to_bytes(2, "little") for company in WAKING_COMPANIES}
    assert {content for kind, content in woken if kind is AdvertisementDataType.SERVICE_DATA_UUID16} == services
    assert {content for kind, content in woken if kind is AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA} == companies
    assert {service >> 8 for service in ADVERTISED} == {0x18}
    assert (AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, b"\x18") in woken


def test_calls_for_help_and_devices_one_connects_to_are_in_the_first_monitor() -> None:
    first = wake_patterns(WAKING_SERVICES, WAKING_COMPANIES, ADVERTISED)[0]

    assert first[:5] == [
        *((0, AdvertisementDataType.SERVICE_DATA_UUID16, service.to_bytes(2, "little")) for service in WAKING_SERVICES),
        (1, AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, b"\x18"),
        (1, AdvertisementDataType.INCOMPLETE_LIST_SERVICE_UUID16, b"\x18"),
    ]


ROOT = Path(__file__).resolve().parents[3]


def test_the_lines_we_hand_out_for_bluez_let_it_listen_all_of_the_time() -> None:
    assert what_is_amiss((ROOT / "deploy/gateway/bluetooth-main.conf").read_text(encoding="utf-8")) is None


@pytest.mark.parametrize(
    ("main_conf", "amiss"),
    [
        ("", "passive listening is not switched on"),
        ("[General]\n#Experimental = true\n", "passive listening is not switched on"),
        ("[General]\nExperimental = true\n", "only part of the time"),
        ("[General]\nExperimental = true\n[LE]\nScanIntervalAdvMonitor=96\nScanWindowAdvMonitor=48\n", "part of"),
        ("Experimental = true", "cannot be read"),
    ],
)
def test_what_is_wrong_with_bluezs_configuration_is_told_in_words(main_conf: str, amiss: str) -> None:
    assert amiss in str(what_is_amiss(main_conf))


def test_several_radios_are_named_with_commas() -> None:
    assert [radio.name for radio in open_radios("bluez:hci0, bluez:hci1")] == ["bluez:hci0", "bluez:hci1"]


def test_a_radio_named_twice_is_refused() -> None:
    with pytest.raises(UnknownRadioError, match="named twice"):
        open_radios("bluez:hci0,bluez:hci0")


def test_the_book_has_the_home_first_then_the_families_then_the_nearest() -> None:
    book = AirBook(
        lambda advertisement: "BTHome" if advertisement.name else "",
        {"000000000001": "hallway"}.get,
    )
    for advertisement in (heard(4, None, -50), heard(3, None, -40), heard(2, "PIR", -90), heard(1, None, None)):
        book.take(advertisement)
    book.take(heard(2, None, -80))

    rows = book.rows()
    assert [row.address[-1] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[1].name, rows[1].packets, rows[1].rssi_dbm) == ("PIR", 2, -80)


def test_of_too_many_devices_the_one_unheard_for_longest_is_forgotten() -> None:
    book = AirBook(lambda _: "", lambda _: None)
    for number in range(1001):
        book.take(heard(number))

    assert len(book.rows()) == 1000
    assert heard(0).address not in {row.address for row in book.rows()}


def test_a_radio_that_nothing_helps_ends_the_program_with_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    async def lost(*_: object) -> None:
        raise RadioLostError("The radio bluez hears nothing.")

    monkeypatch.setattr(app, "run", lost)
    options = ["run", "--id", "gw-a", "--broker", "mqtt://127.0.0.1", "--data", str(tmp_path), "--radio", "bluez:hci0"]
    ended = CliRunner().invoke(gateway, [*options, "--radio", "bluez:hci1"])

    assert ended.exit_code == 75
