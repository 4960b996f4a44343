"""Web Push: to the browsers a person lets us push to, encrypted so that the push service cannot read it."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from gateway.contract.clock import Clock
from server.db.session import Database
from server.notifications.channel import ChannelError, Message, UnreachableError
from server.notifications.post import post
from server.notifications.rules import OF_ALERTS, Level, level_of
from server.notifications.tables import PushSubscriptionRow, VapidKeyRow
from server.notifications.words import words_of

_GONE = frozenset({404, 410})
_SIGNED_FOR = timedelta(hours=12)
# So long a push service keeps an alert for a phone that is off: then the next step of the chain has begun.
_KEEP_ALERT_S = 120
_KEEP_OTHER_S = 3600


class PushChannel:
    """Pushes to each of a person's browsers; it has done its work when one of them is served.

    `contact`: mailto: or https: address of who runs this installation, as push services demand.
    """

    def __init__(self, database: Database, clock: Clock, contact: str) -> None:
        self._database = database
        self._clock = clock
        self._contact = contact

    def send(self, message: Message) -> None:
        """Push. A browser that has withdrawn is forgotten.

        Raises:
            UnreachableError: the person has no browser that takes pushes, or none any more.
            ChannelError: none was served.
        """
        with self._database.reading() as db:
            wanted = select(PushSubscriptionRow).where(PushSubscriptionRow.person_id == message.person_id)
            browsers = list(db.exec(wanted))
        failures = [failure for browser in browsers if (failure := self._push(browser, message)) is not None]
        if len(failures) < len(browsers):
            return
        lasting = [failure for failure in failures if not isinstance(failure, UnreachableError)]
        raise lasting[0] if lasting else UnreachableError("no browser of theirs takes pushes")

    def _push(self, browser: PushSubscriptionRow, message: Message) -> ChannelError | None:
        try:
            status = post(browser.endpoint, _sealed(browser, message), self._headers(browser.endpoint, message))
        except ChannelError as error:
            return error
        if status not in _GONE:
            return None
        with self._database.transaction() as db:
            forget(db, browser.endpoint)
        return UnreachableError("the browser has withdrawn")

    def _headers(self, endpoint: str, message: Message) -> dict[str, str]:
        parts = urlsplit(endpoint)
        claims = {
            "sub": self._contact,
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((self._clock.now() + _SIGNED_FOR).timestamp()),
        }
        with self._database.transaction() as db:
            key = _key(db)
        is_alert = message.subject in OF_ALERTS
        return {
            **key.sign(claims),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(_KEEP_ALERT_S if is_alert else _KEEP_OTHER_S),
            "Urgency": "high" if level_of(message.severity) >= Level.IMPORTANT else "normal",
            # A newer message about the same takes the place of one that still waits.
            "Topic": message.alert or message.token,
        }


def public_key(db: Session) -> str:
    """Return this installation's public key as browsers want it; the first call makes the key."""
    point = _key(db).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def forget(db: Session, endpoint: str) -> None:
    """Forget a browser; harmless when it is not known."""
    db.exec(delete(PushSubscriptionRow).where(col(PushSubscriptionRow.endpoint) == endpoint))


def _key(db: Session) -> Vapid02:
    row = db.get(VapidKeyRow, 1)
    if row is None:
        made = Vapid02()
        made.generate_keys()
        insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
        values = {"vapid_key_id": 1, "private_pem": made.private_pem().decode()}
        # Another server may make one in the same moment: one of the two is everybody's.
        db.connection().execute(insert(VapidKeyRow).values(**values).on_conflict_do_nothing())
        row = db.get_one(VapidKeyRow, 1)
    return Vapid02.from_pem(row.private_pem.encode())


def _sealed(browser: PushSubscriptionRow, message: Message) -> bytes:
    words = words_of(message.subject, message.severity, message.language)
    told = {
        "title": words.title,
        "body": words.body,
        "language": message.language,
        "tag": message.alert or message.subject,
        "url": f"/alerts/{message.alert}" if message.alert else "/",
        "is_critical": level_of(message.severity) is Level.CRITICAL,
        "token": message.token,
    }
    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    try:
        sealed = WebPusher({"endpoint": browser.endpoint, "keys": keys}).encode(json.dumps(told).encode())
    except (WebPushException, ValueError) as error:
        raise UnreachableError(f"the browser's keys are no keys ({type(error).__name__})") from None
    body: bytes = sealed["body"]
    return body
