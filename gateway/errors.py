"""What can go wrong in the home, in words its keeper understands.

GatewayError
├── UnknownRadioError               the radio asked for is not installed
├── OutboxInUseError                another gateway writes in the same folder
├── EnrolmentError                  the server does not take this gateway in, or what it told cannot be read
└── UndecodableAdvertisementError   bytes that a family of sensors cannot read (gateway.sensors.reading)
    ├── WrongKeyError               encrypted, and our key does not open it
    └── NotEncryptedError           plain, from a sensor whose key we have
"""


class GatewayError(Exception):
    """Something in the home is wrong. The text says what, and what to do."""


class UnknownRadioError(GatewayError):
    """The radio asked for is not one this machine has."""


class OutboxInUseError(GatewayError):
    """Another gateway program holds the folder."""


class EnrolmentError(GatewayError):
    """The server does not take this gateway in, or what it told cannot be read."""
