"""Opens the ways out of the house that this installation has been given."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from gateway.contract.clock import Clock
from server.db.session import Database
from server.notifications.channel import Channel
from server.notifications.email import EmailChannel
from server.notifications.hooks import AppriseChannel, HookChannel
from server.notifications.push import PushChannel
from server.notifications.rules import EMAIL, PUSH
from server.settings import ServerSettings


def open_channels(settings: ServerSettings, database: Database, clock: Clock) -> Mapping[str, Channel]:
    """Return every channel beside the app. In test mode there is none: nothing leaves the house."""
    if settings.test_mode:
        return {}
    channels: dict[str, Channel] = {}
    if settings.push_contact:
        channels[PUSH] = PushChannel(database, clock, settings.push_contact)
    if settings.smtp and settings.mail_from:
        channels[EMAIL] = EmailChannel(settings.smtp, settings.mail_from, settings.public_url or "")
    for name, url in settings.channels.items():
        is_own = urlsplit(url).scheme in {"http", "https"}
        channels[name] = HookChannel(url) if is_own else AppriseChannel(url)
    return channels
