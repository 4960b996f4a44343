"""What the simulated bluetoothd promises, proved on the real one, with Debian's kernel in a machine of its own."""

import json
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest
from debian_packages import NoPackagesError
from small_vm import SmallVm

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = shutil.which("livsrytme", path=sysconfig.get_path("scripts")) or "livsrytme"

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def vm() -> SmallVm:
    """A machine with BlueZ, its emulated adapters and our own files."""
    try:
        return SmallVm(ROOT / "build" / "nightly", ["bluez", "bluez-test-tools", "dbus-daemon"])
    except NoPackagesError as missing:
        pytest.skip(f"no real bluetoothd here: {missing}")


def test_a_press_and_a_thermometer_go_through_a_real_kernel_and_bluetoothd_to_the_gateway(vm: SmallVm) -> None:
    said = vm.run([sys.executable, str(Path(__file__).with_name("in_the_vm.py")), PROGRAM], seconds=600)

    told = [line for line in said.splitlines() if line.startswith('{"heard"')]
    assert told, said
    found = json.loads(told[-1])
    assert found["bluetoothd_lives"], said
    assert {cells[2] for cells in found["heard"]} == {"BTHome v2", "Ruuvi"}, said  # from a new address each time
