"""A channel that remembers what it was handed, and fails when told to."""

import threading
from collections import Counter

from server.notifications.channel import ChannelError, Message


class FakeChannel:
    """Takes every message, save while `broken`. Safe to use from several threads."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.attempts = 0
        self.taken: list[Message] = []
        self._turn = threading.Lock()

    def send(self, message: Message) -> None:
        """Remember the message.

        Raises:
            ChannelError: while `broken`.
        """
        with self._turn:
            self.attempts += 1
            if self.broken:
                raise ChannelError("the provider is down")
            self.taken.append(message)

    def told(self) -> Counter[int]:
        """Return how many messages each person was sent, by the person's number."""
        return Counter(message.person_id for message in self.taken)
