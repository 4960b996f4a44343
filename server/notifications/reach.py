"""How each person can be reached: addresses, browsers that take pushes, and which channels they chose."""

from sqlmodel import Session, col, select

from server.notifications.rules import EMAIL, PUSH, Level, Reach
from server.notifications.tables import ChannelChoiceRow, ChannelRow, ContactRow, PushSubscriptionRow


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


def _has_address(channel: str, contact: ContactRow, *, has_push: bool) -> bool:
    if channel == PUSH:
        return has_push
    return bool(contact.email if channel == EMAIL else contact.phone)
