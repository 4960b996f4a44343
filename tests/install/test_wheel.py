"""What is not Python goes with the program too: style sheets, templates, languages, plans, migrations."""

import subprocess
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "server", "models", "caregiver_ui", "device_sims")

pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def packed() -> set[str]:
    builder = WheelBuilder(str(ROOT))
    return {Path(file.distribution_path).as_posix() for file in builder.recurse_included_files()}


def test_the_wheel_carries_every_file_of_the_packages(packed: set[str]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *PACKAGES], cwd=ROOT, capture_output=True, check=True
    )
    ours = {name for name in listed.stdout.decode().splitlines() if (ROOT / name).is_file()}

    assert ours - packed == set()
    assert not [name for name in packed if "node_modules" in name or "__pycache__" in name]


@pytest.mark.parametrize(
    "kind", ["device_sims/scoring/*.css", "caregiver_ui/locale/*.po", "caregiver_ui/templates/*.html", "*.yaml"]
)
def test_files_of_every_kind_that_is_read_at_run_time_are_in_it(packed: set[str], kind: str) -> None:
    assert [name for name in packed if Path(name).match(kind)]
