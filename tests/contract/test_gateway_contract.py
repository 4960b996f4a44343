"""What is written about the contract is what the code does."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway.contract import schema, topics
from gateway.contract.codec import ContractError, from_json
from gateway.contract.observation import Stream
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Downward, Upward

_ASYNCAPI = yaml.safe_load(schema.SCHEMA_FILE.with_name("asyncapi.yaml").read_text(encoding="utf-8"))


def resolved(reference: str) -> dict[str, dict[str, str]]:
    """Follow `file#/path` or `#/path` from the AsyncAPI file."""
    file, _, path = reference.partition("#/")
    place = json.loads(schema.SCHEMA_FILE.with_name(file).read_text(encoding="utf-8")) if file else _ASYNCAPI
    for part in path.split("/"):
        place = place[part]
    return place


def test_the_committed_schema_is_the_present_one() -> None:
    assert schema.SCHEMA_FILE.read_text(encoding="utf-8") == schema.as_text()


def test_the_committed_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(json.loads(schema.as_text()))


def test_the_described_channels_are_the_topics_in_use() -> None:
    described = {name: channel["address"] for name, channel in _ASYNCAPI["channels"].items()}

    upward = {what.value: topics.upward("{gatewayId}", what) for what in Upward}
    downward = {what.value: topics.downward("{gatewayId}", what) for what in Downward}
    assert described == upward | downward


def test_a_gateway_sends_on_the_upward_channels_and_receives_on_the_others() -> None:
    actions = {
        operation["channel"]["$ref"].rpartition("/")[2]: operation["action"]
        for operation in _ASYNCAPI["operations"].values()
    }

    assert actions == {what.value: "send" for what in Upward} | {what.value: "receive" for what in Downward}


@pytest.mark.parametrize("channel", sorted(_ASYNCAPI["channels"]))
def test_every_described_message_leads_to_a_part_of_the_schema(channel: str) -> None:
    for message in _ASYNCAPI["channels"][channel]["messages"].values():
        payload = resolved(resolved(message["$ref"])["payload"]["$ref"])

        assert payload["title"] == message["$ref"].rpartition("/")[2]


@pytest.mark.parametrize("what", list(Upward))
def test_an_upward_topic_is_read_as_what_it_was_written_as(what: Upward) -> None:
    assert topics.read_upward(topics.upward("gw-a", what)) == topics.UpwardTopic("gw-a", what)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "livsrytme/1/gateway/gw-a/up/gossip",
        "livsrytme/1/gateway/gw-a/down/receipt",
        "livsrytme/1/gateway/gw-a/up/urgent/more",
        "livsrytme/1/gateway//up/urgent",
        "elsewhere/livsrytme/1/gateway/gw-a/up/urgent",
    ],
)
def test_a_topic_that_is_no_gateways_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="no gateway sends"):
        topics.read_upward(topic)


def test_a_stream_has_the_topic_of_its_name() -> None:
    assert topics.upward("gw-a", Stream.URGENT) == topics.upward("gw-a", Upward.URGENT)


def test_a_message_of_a_newer_sender_is_read_without_what_is_unknown() -> None:
    newer = b'{"schema_version":1,"epoch":"00112233","stream":"urgent","up_to_seq":7,"mood":"fine"}'

    assert from_json(Receipt, newer) == Receipt(epoch="00112233", stream=Stream.URGENT, up_to_seq=7)


def test_a_refusal_never_repeats_what_was_in_the_message() -> None:
    with pytest.raises(ContractError) as refused:
        from_json(Receipt, b'{"epoch":"Inger Solberg","stream":"urgent","up_to_seq":7}')

    assert "epoch" in str(refused.value)
    assert "Inger" not in str(refused.value)
