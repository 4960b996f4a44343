"""A gateway that is not set up right says so in words."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import gateway
from gateway.settings import GatewaySettings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ID": "gw-a", "BROKER": "mqtt://u:p@broker", "DATA": "/tmp/x", "RADIO": "bluez:hci1"}.items():  # noqa: S108
        monkeypatch.setenv(f"LIVSRYTME_GATEWAY_{name}", value)

    settings = GatewaySettings()

    (broker,) = settings.brokers
    assert (settings.id, str(broker), broker.is_encrypted, settings.radio) == (
        "gw-a",
        "broker:1883",
        False,
        "bluez:hci1",
    )
    assert (broker.username, broker.password) == ("u", "p")
    assert "mqtt" not in repr(settings)


@pytest.mark.parametrize(
    "broker", ["broker:1883", "http://broker", "mqtt://", "mqtt://broker:port", "mqtt://broker:99999"]
)
def test_a_broker_that_is_no_address_is_refused(tmp_path: Path, broker: str) -> None:
    answer = CliRunner().invoke(gateway, ["run", "--id", "gw-a", "--broker", broker, "--data", str(tmp_path)])

    assert answer.exit_code == 1
    assert "The gateway is not set up: broker:" in answer.output


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(gateway, ["run", "--broker", "mqtt://broker", "--data", str(tmp_path)])

    assert f"was never enrolled in {tmp_path}. Enrol it: sudo livsrytme gateway enrol" in answer.output


@pytest.mark.parametrize("radio", ["crystal:1", "", "virtual:" + "x" * 300])
def test_a_radio_that_cannot_be_opened_is_named(tmp_path: Path, radio: str) -> None:
    arguments = ["run", "--id", "gw-a", "--broker", "mqtt://broker", "--data", str(tmp_path), "--radio", radio]

    answer = CliRunner().invoke(gateway, arguments)

    assert answer.exit_code == 1
    assert "radio" in answer.output
