"""What a trouble is, for whoever stands before the machine."""

from collections.abc import Mapping
from typing import Final

from gateway.contract.heartbeat import Trouble

TROUBLE_WORDS: Final[Mapping[Trouble, str]] = {
    Trouble.UNKNOWN_SENSOR: "packets of sensors that are not set up for this home",
    Trouble.UNDECODABLE: "packets that could not be read",
    Trouble.WRONG_KEY: "packets that the key does not open; is it this sensor's key?",
    Trouble.NOT_ENCRYPTED: "plain packets refused: the sensor has a key",
    Trouble.REPLAYED: "packets refused that counted backwards: recordings, or a new battery the server was not told of",
    Trouble.OUTBOX_SET_ASIDE: "the file of what waits was damaged, and was kept beside",
    Trouble.BAD_CONFIG: "messages from the server that could not be read",
    Trouble.OLD_CONFIG: "configurations older than the one in use",
    Trouble.OUTBOX_FULL: "old facts let go for want of room",
    Trouble.DISK_REFUSED: "the disk took nothing; is it full?",
    Trouble.CLOCK_JUMPED: "the clock was set while the gateway ran",
    Trouble.NO_RECEIPT: "calls for help that the server did not confirm in time",
    Trouble.FALLBACK_FAILED: "the fallback command did not work",
    Trouble.VISIT_FAILED: "devices that measure could not be connected to",
    Trouble.CERTIFICATE_ENDS: "the certificate is missing or ends soon, and no new one is to be had",
}
