"""`livsrytme gateway decode`: what a technician is told about a packet."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sensor_packets import ADDRESS, BTHOME_DATA, KEY, QINGPING_DATA, sealed_bthome, sealed_mibeacon

from gateway.cli import gateway
from gateway.packets import UnreadablePacketError, read_address, read_packet

_PRESS = "d2fc44000701643a01"
_MEASURED_AT_54 = "d2fc41a47266c95f730011223378237214"
_54 = "54:48:E6:8F:80:A5"
_REPORT = "043e1c02010400561d000742491004097470730affff0700000031603306c5"
_EXTENDED = (
    "043e290d01130000b2188d38c1a40100ff7fc70000000000000000000c"  # head, sender, signal strength
    "020106" + "0816d2fc440007" + "3a01"
)


def run(*arguments: str, lines: str | bytes = "") -> Result:
    return CliRunner().invoke(gateway, ["decode", *arguments], input=lines)


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_press_is_told_with_all_that_is_known_of_it() -> None:
    result = run(_PRESS, "--address", ADDRESS)

    assert (result.exit_code, result.stderr) == (0, "")
    assert told(result) == [
        {
            "family": "BTHome v2",
            "title": "BTHome sensor 18B2",
            "address": ADDRESS,
            "rssi_dbm": None,
            "measures": [{"kind": "button", "value": 1.0, "unit": None}],
            "battery_percent": 100,
            "packet_id": 7,
            "counter": None,
            "encrypted": False,
            "trouble": None,
        }
    ]


def test_an_encrypted_packet_is_opened_with_its_key_and_address() -> None:
    (answer,) = told(run(_MEASURED_AT_54, "--address", "5448e68f80a5", "--key", KEY.upper()))

    assert answer["measures"] == [
        {"kind": "temperature", "value": 25.06, "unit": "°C"},
        {"kind": "humidity", "value": 50.55, "unit": "%"},
    ]
    assert (answer["encrypted"], answer["counter"]) == (True, 0x33221100)


@pytest.mark.parametrize(
    ("arguments", "trouble"),
    [
        ((_MEASURED_AT_54,), "no key is known"),
        ((_MEASURED_AT_54, "--key", KEY), "is it this sensor's key and address?"),
        ((_PRESS, "--key", KEY), "plain BTHome packet from a sensor that has a key"),
        (("d2fc44",), "without a readable measurement"),
        (("0409736f66",), "no sensor of a family this gateway reads"),
    ],
)
def test_what_is_wrong_with_a_packet_is_an_answer_in_words(arguments: tuple[str, ...], trouble: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 0
    assert trouble in told(result)[0]["trouble"]
    assert told(result)[0]["measures"] == []


@pytest.mark.parametrize(
    "given_as",
    [
        _PRESS,
        "fcd2:44000701643a01",
        "FC D2 44 00 07 01 64 3A 01",
        "0a16" + _PRESS,
        "020106" + "0a16" + _PRESS + "0000",
        "043e19020100" + "00b2188d38c1a4" + "0c" + "020106" + "0816d2fc4400073a01" + "c5",
        _EXTENDED,
    ],
)
def test_a_packet_may_be_given_in_any_form(given_as: str) -> None:
    result = run(given_as, "--address", ADDRESS)

    assert [answer["measures"][0]["kind"] for answer in told(result)] == ["button"], result.stderr


def test_a_whole_report_tells_sender_name_and_signal_strength() -> None:
    (answer,) = told(run(_REPORT))

    assert (answer["family"], answer["address"], answer["rssi_dbm"]) == ("Inkbird", "49:42:07:00:1D:56", -59)
    assert read_packet(_EXTENDED).address == ADDRESS
    assert read_packet(_EXTENDED).rssi_dbm == -57


def test_of_many_lines_each_is_decoded_and_what_cannot_be_read_is_told_apart() -> None:
    lines = "\n".join(
        [
            json.dumps({"hex": _MEASURED_AT_54, "address": _54, "key": KEY}),
            "",
            "not hex",
            '{"hex": 3}',
            '{"hex": "00", "key": "short"}',
            '{"hex": "00", "address": "home"}',
            json.dumps({"hex": "0aff9c08f41000ba4e6408", "name": "sps"}),
            _REPORT,
        ]
    )

    result = run("-", lines=lines)

    assert result.exit_code == 1
    assert [answer["family"] for answer in told(result)] == ["BTHome v2", "Inkbird", "Inkbird"]
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["line 3", "line 4", "line 5", "line 6"]
    assert "32 hex digits" in result.stderr
    assert "write it as A4:C1:38:00:00:01" in result.stderr


def test_bytes_that_are_no_text_are_an_unreadable_line_like_any_other() -> None:
    result = run("-", lines=b"\xff\xfe\n" + _PRESS.encode() + b"\n")

    assert result.exit_code == 1
    assert len(told(result)) == 1
    assert len(result.stderr.splitlines()) == 1


def test_the_options_stand_in_for_what_a_line_leaves_open() -> None:
    result = run("-", "--address", _54, "--key", KEY, lines=json.dumps({"hex": _MEASURED_AT_54}))

    assert told(result)[0]["trouble"] is None


@pytest.mark.parametrize(
    "packet",
    ["", "0", "xyz", "00", "043e", "043e05ff01", "043e0402020000", "043e0c02010000a7808fe64854ff02", "44000701643a01"],
)
def test_what_is_no_packet_is_one_clear_line(packet: str) -> None:
    result = run(packet)

    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.endswith(".\n")


def test_a_library_that_fails_writes_nothing_of_its_own() -> None:
    sealed = sealed_mibeacon(7, "034c0164").service_data
    packet = "95fe" + next(iter(sealed.values())).hex()

    result = run(packet, "--address", ADDRESS, "--key", "0" * 32)

    assert result.stderr == ""
    assert "does not open" in told(result)[0]["trouble"]


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_are_refused(packet: bytes) -> None:
    for start in (b"", b"\x04\x3e\x20\x02\x01", b"\x04\x3e\x20\x0d\x01", b"\x02\x01\x06"):
        try:
            read_packet((start + packet).hex())
        except UnreadablePacketError as fault:
            assert str(fault)  # noqa: PT017 - nothing need be raised


_HEX = st.binary(max_size=40).map(bytes.hex)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | _HEX, st.lists, max_leaves=3
)
_LINES = st.one_of(
    st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"")),
    st.dictionaries(st.sampled_from(["hex", "address", "key", "name", "more"]), _JSON).map(
        lambda asked: json.dumps(asked).encode()
    ),
)


@given(st.lists(_LINES, max_size=4))
def test_any_lines_are_each_answered_or_refused_in_words(lines: list[bytes]) -> None:
    result = run("-", lines=b"\n".join([*lines, _PRESS.encode()]))

    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert told(result)[-1]["family"] == "BTHome v2"  # the rest is decoded all the same
    assert all(line.startswith("line ") for line in result.stderr.splitlines())


@pytest.mark.parametrize("document", ["gateway.md", "sensors.md"])
def test_the_packets_in_the_documents_mean_something(document: str) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / document).read_text(encoding="utf-8")
    examples = re.findall(r"livsrytme gateway decode ([0-9a-f]{2,}) --address (\S+)", text)

    assert examples
    for packet, address in examples:
        assert told(run(packet, "--address", address))[0]["family"] == "BTHome v2"


def test_the_forms_of_service_data_mean_the_same() -> None:
    sealed = next(iter(sealed_bthome(9, "2101").service_data.values()))

    assert read_packet("d2fc" + sealed.hex()) == read_packet("fcd2:" + sealed.hex())
    assert read_packet("d2fc" + sealed.hex()).service_data == {BTHOME_DATA: sealed}
    assert read_packet("cdfd0807").service_data == {QINGPING_DATA: b"\x08\x07"}


def test_an_address_is_written_with_colons_and_in_capitals() -> None:
    assert read_address("a4c1388d18b2") == read_address("A4-C1-38-8D-18-B2") == ADDRESS
