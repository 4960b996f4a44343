"""How each person can be reached: addresses, browsers that take pushes, and which channels they chose."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from server.access.service import Viewer
from server.audit.service import append
from server.errors import ContactError
from server.notifications.rules import EMAIL, PUSH, Level, Reach, default_order, order_of
from server.notifications.tables import ChannelChoiceRow, ChannelRow, ContactRow, PushSubscriptionRow

# A phone, a tablet, a desk and what was forgotten: each is pushed to in turn.
_MOST_BROWSERS = 5
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_NORWEGIAN = re.compile(r"[2-9]\d{7}")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a person can be reached outside the app; empty where they gave none."""

    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OwnChannels:
    """A person's own settings. `offered`: what this installation has; `orders`: what is used just now, by level."""

    addresses: Addresses
    offered: tuple[str, ...]
    works: frozenset[str]
    orders: Mapping[Level, tuple[str, ...]]
    chosen: Mapping[Level, tuple[str, ...]]


def reach_of(db: Session, person_id: int) -> Reach:
    """Return how a person can be reached just now."""
    channels = frozenset(db.exec(select(ChannelRow.name)))
    if not channels:
        return Reach()
    contact = db.get(ContactRow, person_id) or ContactRow(person_id=person_id)
    has_push = db.exec(select(PushSubscriptionRow).where(PushSubscriptionRow.person_id == person_id)).first()
    chosen = db.exec(select(ChannelChoiceRow).where(col(ChannelChoiceRow.person_id) == person_id))
    return Reach(
        works=frozenset(name for name in channels if _has_address(name, contact, has_push=has_push is not None)),
        choices={Level(row.level): tuple(row.channels) for row in chosen},
    )


def own_channels(db: Session, viewer: Viewer) -> OwnChannels:
    """Return what the viewer has set, and what it comes to."""
    contact = db.get(ContactRow, viewer.person_id) or ContactRow(person_id=viewer.person_id)
    offered = default_order(frozenset(db.exec(select(ChannelRow.name))))
    reach = reach_of(db, viewer.person_id)
    everything = Reach(offered, reach.choices)
    return OwnChannels(
        Addresses(contact.email, contact.phone),
        offered,
        frozenset(reach.works),
        {level: order_of(reach, level) for level in Level},
        {level: order_of(everything, level) for level in Level},
    )


def set_addresses(db: Session, viewer: Viewer, wanted: Addresses, now: datetime) -> None:
    """Keep the viewer's own addresses; empty forgets one.

    Raises:
        ContactError: it is no e-mail address, or no telephone number.
    """
    kept = Addresses(_checked_email(wanted.email), _checked_phone(wanted.phone))
    db.merge(ContactRow(person_id=viewer.person_id, email=kept.email, phone=kept.phone))
    _note(db, viewer, "own addresses changed", now)


def set_choices(db: Session, viewer: Viewer, choices: Mapping[Level, Sequence[str]], now: datetime) -> None:
    """Keep which channels the viewer wants by level, in order. The app tells of everything, whatever is chosen.

    Raises:
        ContactError: a channel is not one this installation has.
    """
    offered = frozenset(db.exec(select(ChannelRow.name)))
    for level, names in choices.items():
        if not offered.issuperset(names) or len(set(names)) < len(names):
            raise ContactError("channels")
        db.merge(ChannelChoiceRow(person_id=viewer.person_id, level=level, channels=list(names)))
    _note(db, viewer, "own channels changed", now)


def subscribe(
    db: Session, viewer: Viewer, browser: PushSubscriptionRow, services: Sequence[str], now: datetime
) -> None:
    """Push to this browser from now on, and to nobody else by it. Repeating is harmless.

    Raises:
        ContactError: it asks us to push to a place that is no known push service.
    """
    if not is_push_service(browser.endpoint, services):
        raise ContactError("endpoint")
    db.exec(delete(PushSubscriptionRow).where(col(PushSubscriptionRow.endpoint) == browser.endpoint))
    browser.person_id, browser.made_at = viewer.person_id, now
    db.add(browser)
    db.flush()
    mine = select(PushSubscriptionRow).where(PushSubscriptionRow.person_id == viewer.person_id)
    newest_first = db.exec(mine.order_by(col(PushSubscriptionRow.push_subscription_id).desc())).all()
    for old in newest_first[_MOST_BROWSERS:]:
        db.delete(old)
    _note(db, viewer, "push begun", now)


def unsubscribe(db: Session, viewer: Viewer, endpoint: str, now: datetime) -> None:
    """Push no more to one of the viewer's browsers; harmless when it is not known."""
    mine = (col(PushSubscriptionRow.endpoint) == endpoint) & (col(PushSubscriptionRow.person_id) == viewer.person_id)
    if db.exec(delete(PushSubscriptionRow).where(mine)).rowcount:
        _note(db, viewer, "push ended", now)


def is_push_service(endpoint: str, services: Sequence[str]) -> bool:
    """Return whether an address is one of the services': `https://host`, or `https://.host` for all below it."""
    origin = "/".join(endpoint.split("/", 3)[:3])
    scheme, _, host = origin.partition("://")
    if not host or any(letter in origin for letter in "@\\? #"):
        return False
    for service in services:
        wanted_scheme, _, wanted = service.partition("://")
        matches = host.endswith(wanted) if wanted.startswith(".") else host == wanted
        if scheme == wanted_scheme and matches:
            return True
    return False


def _has_address(channel: str, contact: ContactRow, *, has_push: bool) -> bool:
    if channel == PUSH:
        return has_push
    return bool(contact.email if channel == EMAIL else contact.phone)


def _checked_email(text: str) -> str:
    email = text.strip()
    if email and (len(email) > _LONGEST or not _EMAIL.fullmatch(email)):
        raise ContactError("email")
    return email


def _checked_phone(text: str) -> str:
    phone = re.sub(r"[\s().-]", "", text)
    phone = f"+{phone[2:]}" if phone.startswith("00") else phone
    phone = f"+47{phone}" if _NORWEGIAN.fullmatch(phone) else phone
    if phone and not _PHONE.fullmatch(phone):
        raise ContactError("phone")
    return phone


def _note(db: Session, viewer: Viewer, what: str, now: datetime) -> None:
    append(db, at=now, who=viewer.audit_name, what=what, about=f"person:{viewer.person_id}")
