"""MQTT topics: the only file in which one is written."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.contract.observation import Stream

_ROOT: Final = "livsrytme/1/gateway"


class Upward(StrEnum):
    """What a gateway sends."""

    URGENT = "urgent"
    ROUTINE = "routine"
    HEARTBEAT = "heartbeat"
    PRESENCE = "presence"


class Downward(StrEnum):
    """What a gateway is sent."""

    RECEIPT = "receipt"
    CONFIG = "config"


def _shared(what: Upward) -> str:
    # Several ingest workers share the load: the broker gives each message to one of a group. A group for each filter:
    # rumqttd gives a message to one *filter* of a group, so filters that share one take each other's messages away.
    return f"$share/ingest-{what}/{_ROOT}/+/up/{what}"


# What is urgent is listened for on a connection of its own, so that it does not wait behind a backlog.
URGENT_UPWARD: Final = (_shared(Upward.URGENT),)
OTHER_UPWARD: Final = (_shared(Upward.PRESENCE), _shared(Upward.HEARTBEAT), _shared(Upward.ROUTINE))


@dataclass(frozen=True, slots=True)
class UpwardTopic:
    """Who sent a message, and what it is."""

    gateway_id: str
    what: Upward


def upward(gateway_id: str, what: Upward | Stream) -> str:
    """Return the topic on which a gateway sends."""
    return f"{_ROOT}/{gateway_id}/up/{Upward(what)}"


def downward(gateway_id: str, what: Downward) -> str:
    """Return the topic on which a gateway is told something."""
    return f"{_ROOT}/{gateway_id}/down/{what}"


def everything_downward(gateway_id: str) -> str:
    """Return the filter a gateway subscribes to."""
    return f"{_ROOT}/{gateway_id}/down/+"


def read_upward(topic: str) -> UpwardTopic:
    """Read a topic as a gateway's.

    Raises:
        ValueError: it is not one on which a gateway sends.
    """
    root, _, rest = topic.partition(f"{_ROOT}/")
    parts = rest.split("/")
    if root or len(parts) != 3 or not parts[0] or parts[1] != "up" or parts[2] not in list(Upward):  # noqa: PLR2004
        raise ValueError(f"no gateway sends on {topic!r}")
    return UpwardTopic(parts[0], Upward(parts[2]))


def read_downward(topic: str) -> Downward:
    """Return what a message to a gateway is.

    Raises:
        ValueError: it is not one of ours.
    """
    root, _, rest = topic.partition(f"{_ROOT}/")
    parts = rest.split("/")
    if root or len(parts) != 3 or parts[1] != "down":  # noqa: PLR2004 - gateway, direction, kind
        raise ValueError(f"no gateway is told anything on {topic!r}")
    return Downward(parts[2])
