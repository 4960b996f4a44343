"""Ways out that an installation sets up by an address: SMS gateways, automatic calls, and what Apprise speaks."""

import json
import logging
from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

from apprise import Apprise, AppriseAsset

from server.notifications.channel import ChannelError, Message, UnreachableError
from server.notifications.post import post
from server.notifications.words import words_of

_LOG = logging.getLogger(__name__)

_PHONE = "{phone}"
_UNPROCESSABLE = 422
_GONE = frozenset({404, 410})


class HookChannel:
    """Asks a program of the installation's own by HTTP: an SMS gateway, or one that calls and reads aloud.

    It gets JSON: to, text, language, id, severity; `id` and the header Idempotency-Key are the same for the same
    message. 2xx: taken. 422: that number cannot be reached. Anything else is tried again, after Retry-After where it
    says so.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self._headers = {"Content-Type": "application/json"}
        if parts.username is not None:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(credentials.encode()).decode()}"

    def send(self, message: Message) -> None:
        """Hand the message over.

        Raises:
            UnreachableError: the program says that the number cannot be reached.
            ChannelError: it did not take the message.
        """
        words = words_of(message.subject, message.severity, message.language)
        asked = {
            "to": message.phone,
            "text": f"{words.title}. {words.body}",
            "language": message.language,
            "id": message.token,
            "severity": message.severity,
        }
        # Quoted, as a structured header's text is (RFC 9651).
        headers = {**self._headers, "Idempotency-Key": f'"{message.token}"'}
        status = post(self._url, json.dumps(asked).encode(), headers)
        if status == _UNPROCESSABLE:
            raise UnreachableError("answered 422: the number cannot be reached")
        if status in _GONE:
            raise ChannelError(f"answered {status}: is the address right?")


class AppriseChannel:
    """Sends by one of the many services Apprise speaks. `url`: Apprise's own, with {phone} where the number goes."""

    def __init__(self, url: str) -> None:
        self._url = url
        # It would write addresses, which carry people's numbers and the account's key.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._asset = AppriseAsset(app_id="Livsrytme", plugin_paths=[], async_mode=False)
        # Here, because the first look loads all of them: no alert waits for that.
        if not Apprise(asset=self._asset).add(self._filled("+4700000000")):
            _LOG.error("a channel's address means nothing to Apprise; nobody will be reached by it")

    def send(self, message: Message) -> None:
        """Send by the service.

        Raises:
            ChannelError: it was not taken; Apprise does not say why, nor how long to wait.
        """
        words = words_of(message.subject, message.severity, message.language)
        service = Apprise(asset=self._asset)
        if not service.add(self._filled(message.phone)):
            raise ChannelError("Apprise does not understand the address of this channel")
        if not service.notify(body=f"{words.title}. {words.body}"):
            raise ChannelError("the service did not take it")

    def _filled(self, phone: str) -> str:
        return self._url.replace(_PHONE, quote(phone, safe=""))
