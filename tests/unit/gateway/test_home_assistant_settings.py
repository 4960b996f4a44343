"""A home's own Home Assistant has a broker of its own, or none."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.contract.home_config import SensorConfig
from gateway.settings import GatewaySettings


def settings(**more: str) -> GatewaySettings:
    return GatewaySettings(id="gw-a", broker="mqtt://broker.example", data=Path("x"), **more)  # type: ignore[arg-type]


def test_without_a_broker_there_is_no_home_assistant() -> None:
    assert settings().home_assistant_address is None


def test_its_broker_may_carry_name_and_password_and_neither_is_shown() -> None:
    found = settings(home_assistant_broker="mqtt://gateway:open%20sesame@homeassistant.local")

    address = found.home_assistant_address
    assert address is not None
    assert (str(address), address.username, address.password) == (
        "homeassistant.local:1883",
        "gateway",
        "open sesame",
    )
    assert "sesame" not in repr(found) + repr(address)


@pytest.mark.parametrize("address", ["homeassistant.local", "http://homeassistant.local", "mqtt://broker.example:1883"])
def test_what_is_no_address_or_the_municipalitys_own_broker_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        settings(home_assistant_broker=address)


def test_a_language_we_have_no_words_for_is_refused() -> None:
    with pytest.raises(ValidationError):
        settings(home_assistant_language="sv")


@pytest.mark.parametrize("entity", ["hall", "binary_sensor.Hall", "binary_sensor/+", "binary_sensor.#"])
def test_what_is_no_entity_never_becomes_a_topic(entity: str) -> None:
    with pytest.raises(ValidationError):
        SensorConfig(sensor_id="a4c138000001", room="hallway", home_assistant_entities={entity: "motion"})  # type: ignore[dict-item]
