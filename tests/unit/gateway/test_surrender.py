"""A gateway that ends itself in vain remembers how often, until a radio hears."""

from pathlib import Path

import pytest

from gateway.ble.surrender import Surrenders


def test_every_end_is_counted_over_starts_until_a_radio_hears(tmp_path: Path) -> None:
    for _ in range(3):
        Surrenders(tmp_path).add()

    again = Surrenders(tmp_path)
    assert again.count == 3
    again.forget()
    assert Surrenders(tmp_path).count == 0


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"-1", b"9" * 40, b"two"])
def test_a_damaged_count_is_none(tmp_path: Path, damage: bytes) -> None:
    Surrenders(tmp_path).add()
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)

    assert Surrenders(tmp_path).count == 0


def test_a_folder_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    surrenders = Surrenders(tmp_path / "not there")

    surrenders.add()

    assert surrenders.count == 1
