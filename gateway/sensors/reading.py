"""What one packet says, whoever made the sensor."""

from dataclasses import dataclass

from gateway.contract.observation import SensorKind
from gateway.errors import GatewayError


class UndecodableAdvertisementError(GatewayError):
    """The packet is of a family we know, and cannot be read. The text never repeats its content."""


class WrongKeyError(UndecodableAdvertisementError):
    """The packet is encrypted, and our key (or the lack of one) does not open it."""


class NotEncryptedError(UndecodableAdvertisementError):
    """The packet is plain although the sensor has a key: anybody could have sent it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The measurements of one packet, and nothing remembered from an earlier one."""

    measures: tuple[tuple[SensorKind, float], ...]  # in the unit of each kind; order as in the packet
    packet: bytes  # as heard: two packets with the same bytes are the same packet sent again
    packet_id: int | None = None  # 0..255, wraps; None when the sensor does not number its packets
    # Rises with every new packet of the sensor; None where it is plain, or its encryption does not promise that.
    counter: int | None = None
    is_encrypted: bool = False  # it came encrypted, and our key opened it
    has_stamp: bool = False  # it carries a time or a number of its own, so that no two events have the same bytes
    battery_percent: float | None = None
    title: str | None = None  # what the library calls the device; None where it does not know

    @property
    def is_numbered(self) -> bool:
        """Whether the same bytes are the same packet, however much later they come."""
        return self.has_stamp or self.counter is not None or self.packet_id is not None
