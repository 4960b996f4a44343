"""Every family: what its packets mean, and that no bytes at all do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensor_packets import ADDRESS, GOLDEN, KEY, MIBEACON_DATA, QINGPING_DATA, Golden, heard, sealed_mibeacon

from gateway.ble.advertisement import Advertisement
from gateway.sensors.family import Family, newest
from gateway.sensors.library import uuid
from gateway.sensors.reading import NotEncryptedError, Reading, UndecodableAdvertisementError, WrongKeyError
from gateway.sensors.registry import FAMILIES, LIBRARY_LOGGERS, families_of

_ENCRYPTING = {"BTHome v2", "MiBeacon"}


def read(packet: Advertisement, key: str | None = None) -> Reading:
    (family,) = families_of(packet)
    return family.decode(packet, key)


def called(golden: Golden) -> str:
    return f"{golden.family} {'+'.join(kind for kind, _ in golden.measures) or 'battery'}"


@pytest.mark.parametrize("golden", GOLDEN, ids=called)
def test_a_packet_means_what_its_maker_says(golden: Golden) -> None:
    (family,) = families_of(golden.packet)
    reading = family.decode(golden.packet, golden.key)

    assert family.name == golden.family
    assert sorted(reading.measures) == sorted(golden.measures)
    assert reading.battery_percent == golden.battery_percent
    assert reading.is_encrypted == (golden.key is not None)
    assert reading.title


def test_every_family_has_a_golden_packet_and_a_name_of_its_own() -> None:
    assert {golden.family for golden in GOLDEN} == {family.name for family in FAMILIES}
    assert len(LIBRARY_LOGGERS) == len({family.name for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize("golden", [golden for golden in GOLDEN if golden.key is None], ids=called)
def test_a_plain_packet_from_a_sensor_that_has_a_key_is_refused_in_every_family(golden: Golden) -> None:
    with pytest.raises(NotEncryptedError):
        read(golden.packet, KEY)


@pytest.mark.parametrize("golden", [golden for golden in GOLDEN if golden.key is not None], ids=called)
@pytest.mark.parametrize("key", [None, "0" * 32])
def test_an_encrypted_packet_is_refused_without_its_key(golden: Golden, key: str | None) -> None:
    with pytest.raises(WrongKeyError):
        read(golden.packet, key)


def _cut(packet: Advertisement, length: int) -> Advertisement:
    return Advertisement(
        packet.address,
        packet.name,
        {service: data[:length] for service, data in packet.service_data.items()},
        {company: data[:length] for company, data in packet.manufacturer_data.items()},
        packet.rssi_dbm,
        packet.heard_at,
    )


@pytest.mark.parametrize("golden", GOLDEN, ids=called)
def test_a_packet_cut_short_anywhere_is_read_or_refused_with_the_one_typed_error(golden: Golden) -> None:
    for length in range(30):
        for family in families_of(_cut(golden.packet, length)):
            try:
                family.decode(_cut(golden.packet, length), golden.key)
            except UndecodableAdvertisementError as fault:
                assert str(fault)  # noqa: PT017 - nothing need be raised


@pytest.mark.parametrize(
    "packet",
    [
        heard(service_data={uuid(0xFCD2): b""}),  # IndexError in bthome-ble
        heard(manufacturer_data={0x0499: b"\x05\x12"}),  # ValueError in ruuvitag-ble
        heard(manufacturer_data={0x0499: b"\x06" + bytes(10)}),
        heard(manufacturer_data={0x0499: b""}),
        heard(manufacturer_data={0xAA55: b"\x01\x01\xa4\xc1\x38"}),  # struct.error in sensorpro-ble
        heard(service_data={MIBEACON_DATA: b"\x50"}),
        heard(service_data={QINGPING_DATA: b"\x08"}),
        heard(manufacturer_data={0xD7C2: b""}, name="TP357"),
        heard(manufacturer_data={0x089C: b""}, name="sps"),
        heard(manufacturer_data={0xEC88: b""}),
        heard(manufacturer_data={0xD004: b""}, name="SensorPush HT.w"),
    ],
    ids=lambda packet: str({**packet.service_data, **packet.manufacturer_data}),
)
def test_a_short_packet_of_a_neighbour_is_refused_with_the_one_typed_error(packet: Advertisement) -> None:
    with pytest.raises(UndecodableAdvertisementError):
        read(packet)


_CONTENT = st.binary(max_size=40)


@st.composite
def _anything(draw: st.DrawFn, family: Family) -> Advertisement:
    """A packet that finds its way to the family, with any content."""
    companies = st.sampled_from(family.companies) if family.companies else st.integers(0, 0xFFFF)
    ending = draw(st.text(max_size=8))
    return Advertisement(
        draw(st.sampled_from([ADDRESS, "", "x"])),
        draw(st.sampled_from([name + ending for name in family.names] + [ending]) | st.none()),
        {uuid(service): draw(_CONTENT) for service in family.services},
        draw(st.dictionaries(companies, _CONTENT, max_size=2)),
        None,
        GOLDEN[0].packet.heard_at,
        services=family.advertised,
    )


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@given(st.data())
def test_any_bytes_are_read_or_refused_with_the_one_typed_error(family: Family, data: st.DataObject) -> None:
    packet = data.draw(_anything(family))
    for claimant in families_of(packet):
        try:
            reading = claimant.decode(packet, data.draw(st.sampled_from([None, KEY])))
        except UndecodableAdvertisementError:
            continue
        assert reading.is_encrypted <= (claimant.name in _ENCRYPTING)


@given(st.binary(max_size=20))
def test_any_content_that_a_key_opens_is_read_or_refused_with_the_one_typed_error(content: bytes) -> None:
    packet = sealed_mibeacon(7, content.hex())
    try:
        assert read(packet, KEY).counter == 7
    except UndecodableAdvertisementError as fault:
        assert not isinstance(fault, WrongKeyError)  # noqa: PT017 - nothing need be raised


@pytest.mark.parametrize(
    "packet",
    [
        heard(manufacturer_data={76: b"\x10\x05"}),
        heard(name="sofa", manufacturer_data={117: b"tv"}),
        heard(name="TP-Link"),
        heard(name="TP357"),  # a name alone says nothing
        heard(manufacturer_data={0x11: b"not a thermometer"}),
        heard(manufacturer_data={0: bytes(10)}),
        heard(service_data={MIBEACON_DATA: bytes.fromhex("30585b0501") + bytes(8)}),  # announces itself, plain
        heard(service_data={uuid(0xFEAA): b"eddystone"}),
    ],
    ids=lambda packet: packet.name or str({**packet.service_data, **packet.manufacturer_data}),
)
def test_what_says_nothing_that_we_read_is_nobodys(packet: Advertisement) -> None:
    assert families_of(packet) == ()


def test_a_device_that_speaks_two_formats_is_read_in_both() -> None:
    both = {MIBEACON_DATA: b"\x50\x50\xaa\x01\x01", QINGPING_DATA: b""}

    assert [family.name for family in families_of(heard(service_data=both))] == ["MiBeacon", "Qingping"]


def test_a_mibeacon_packet_that_names_another_sender_is_refused() -> None:
    stolen = sealed_mibeacon(7, "034c0164")

    with pytest.raises(UndecodableAdvertisementError, match="another sender"):
        read(heard(service_data=dict(stolen.service_data), address="A4:C1:38:00:00:01"), KEY)


def test_the_old_encryption_of_mibeacon_cannot_be_checked_and_is_not_believed() -> None:
    old = bytes.fromhex("5830b60301") + bytes.fromhex("b2188d38c1a4") + bytes(12)

    with pytest.raises(WrongKeyError, match="old encryption"):
        read(heard(service_data={MIBEACON_DATA: old}), KEY)


def test_of_a_thermometer_that_does_not_count_the_counter_is_not_taken() -> None:
    reading = read(sealed_mibeacon(7, "0810013a"[:8], product=0x16E4), KEY)

    assert (reading.counter, reading.packet_id, reading.is_encrypted) == (None, 7, True)


def test_of_a_heap_of_manufacturer_data_only_what_has_changed_is_news() -> None:
    assert newest({1: b"a"}, None) == {1: b"a"}
    assert newest({1: b"a", 2: b"b"}, None) == {}
    assert newest({1: b"a", 2: b"b"}, {1: b"a"}) == {2: b"b"}
    assert newest({1: b"c", 2: b"b"}, {1: b"a", 2: b"b"}) == {1: b"c"}
    assert newest({1: b"a", 2: b"b"}, {1: b"a", 2: b"b"}) == {}
    assert newest({1: b"a", 2: b"b", 3: b"c"}, {1: b"a"}) == {}
