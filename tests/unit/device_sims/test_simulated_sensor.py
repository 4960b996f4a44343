from datetime import UTC, datetime

from device_sims.sensors.sensor import Form, Sensor


def test_a_simulated_sensor_never_uses_an_encryption_counter_twice() -> None:
    sensor = Sensor.made_from("inger", "kitchen", Form.MOTION)
    at = datetime(2026, 3, 20, 9, tzinfo=UTC)

    counters = [int.from_bytes(sensor.says(1, at).data[-8:-4], "little") for _ in range(5)]

    assert counters == sorted(set(counters))


def test_a_simulated_sensor_has_an_address_that_belongs_to_no_maker() -> None:
    addresses = [Sensor.made_from(f"home-{number}", "kitchen", Form.MOTION).address for number in range(50)]

    assert len(set(addresses)) == 50
    assert all(address[0] & 0b11 == 0b10 for address in addresses)
