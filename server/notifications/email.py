"""E-mail through the installation's own relay."""

import smtplib
import ssl
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from server.notifications.channel import ChannelError, Message, UnreachableError
from server.notifications.words import words_of

_PATIENCE_S = 8.0
_NEVER = frozenset({550, 551, 553})  # no such mailbox, not here, no such name


class EmailChannel:
    """Hands mail to a relay.

    `relay`: smtps://user:password@host:port is encrypted from the first byte; smtp://… becomes so before anything is
    said, save to this very machine. `sender`: the address mail comes from. `link`: where the app is, or empty.
    """

    def __init__(self, relay: str, sender: str, link: str = "") -> None:
        self._relay = urlsplit(relay)
        self._sender = sender
        self._link = link

    def send(self, message: Message) -> None:
        """Send a mail. The same message twice bears the same Message-ID.

        Raises:
            UnreachableError: there is no such mailbox.
            ChannelError: the relay did not take it.
        """
        try:
            with self._connect() as relay:
                relay.send_message(self._letter(message))
        except smtplib.SMTPRecipientsRefused as error:
            _refused(error)
        except smtplib.SMTPResponseException as error:
            raise ChannelError(f"the relay answered {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError(f"the relay failed: {type(error).__name__}") from None

    def _connect(self) -> smtplib.SMTP:
        host = self._relay.hostname or ""
        is_sealed = self._relay.scheme == "smtps"
        if is_sealed:
            port = self._relay.port or smtplib.SMTP_SSL_PORT
            relay: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=_PATIENCE_S, context=ssl.create_default_context()
            )
        else:
            relay = smtplib.SMTP(host, self._relay.port or 587, timeout=_PATIENCE_S)
        try:
            if not is_sealed and not is_here(host):
                relay.starttls(context=ssl.create_default_context())
            if self._relay.username is not None:
                relay.login(unquote(self._relay.username), unquote(self._relay.password or ""))
        except BaseException:
            relay.close()
            raise
        return relay

    def _letter(self, message: Message) -> EmailMessage:
        words = words_of(message.subject, message.severity, message.language)
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = message.email
        letter["Subject"] = f"Livsrytme: {words.title}"
        letter["Message-ID"] = f"<{message.token}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content("\n\n".join(part for part in (f"{words.title}. {words.body}", self._link) if part) + "\n")
        return letter


def is_here(host: str) -> bool:
    """Return whether a host is this very machine, so that nobody is on the line between."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(error: smtplib.SMTPRecipientsRefused) -> None:
    codes = {code for code, _text in error.recipients.values()}
    if codes <= _NEVER:
        raise UnreachableError("the relay knows no such mailbox") from None
    raise ChannelError(f"the relay answered {min(codes)}") from None
