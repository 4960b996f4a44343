"""With sudo, the installed command runs as the service's user and with the service's settings."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

WRAPPER = Path(__file__).resolve().parents[2] / "deploy" / "gateway" / "livsrytme"
SETTINGS = """# a comment
LIVSRYTME_GATEWAY_FALLBACK_COMMAND=gpioset 0 17=1
LIVSRYTME_GATEWAY_RADIO="bluez:hci1"
OTHER=left out
LIVSRYTME_GATEWAY_OUTBOX_MB=50"""

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(os.getuid() != 0 or not shutil.which("runuser"), reason="only root can become another user"),
]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that nobody can get to, too: pytest's own are closed."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o711)
        yield Path(made)


def test_it_has_the_services_user_folder_and_settings(open_folder: Path) -> None:
    program, settings, data = (open_folder / name for name in ("program", "gateway.env", "data"))
    program.write_text('#!/bin/sh\nid -un\nenv | grep ^LIVSRYTME_ | sort\nfor one; do echo "$one"; done\n')
    program.chmod(0o755)
    settings.write_text(SETTINGS)
    script = WRAPPER.read_text()
    for is_so, here in (
        ("/opt/livsrytme/bin/livsrytme", str(program)),
        ("/etc/livsrytme/gateway.env", str(settings)),
        ("/var/lib/livsrytme", str(data)),
        ("-u livsrytme -g livsrytme -G bluetooth", "-u nobody -g nogroup -G daemon"),
        ("-o livsrytme -g livsrytme", "-o nobody -g nogroup"),
    ):
        assert is_so in script
        script = script.replace(is_so, here)

    command = ["sh", "-c", script, "livsrytme", "gateway", "status", "two words"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}).stdout

    assert said.splitlines() == [
        "nobody",
        f"LIVSRYTME_GATEWAY_DATA={data}",
        "LIVSRYTME_GATEWAY_FALLBACK_COMMAND=gpioset 0 17=1",
        "LIVSRYTME_GATEWAY_OUTBOX_MB=50",
        "LIVSRYTME_GATEWAY_RADIO=bluez:hci1",
        *("gateway", "status", "two words"),
    ]
    assert data.stat().st_mode & 0o777 == 0o700
