"""The links between a home and a person, each with when it was last proven to hold."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, func, select

from server.access.service import Viewer
from server.board.marks import KEEPERS
from server.board.screens import list_screens
from server.notifications.rules import is_down
from server.notifications.tables import ChannelRow
from server.residents.tables import Gateway, Home


class LinkKind(StrEnum):
    """Which part of the way from a home to a person."""

    GATEWAYS = "gateways"  # any gateway's sign of life, by the broker, to us
    CHANNEL = "channel"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link. `proven_at`: when something last went all of its way; None: never seen. `is_down`: it fails now."""

    kind: LinkKind
    name: str
    proven_at: datetime | None
    is_down: bool


# A screen asks every few seconds; a minute is how exactly that is kept.
_SCREEN_PATIENCE = timedelta(minutes=3)


def list_links(db: Session, viewer: Viewer, now: datetime, patience: timedelta) -> list[LinkView]:
    """Return every link that serves the viewer's units. `patience`: how long all gateways may be silent together.

    Raises:
        NotAllowedError: relatives and residents do not see them.
    """
    viewer.may(*KEEPERS)
    ours = select(func.max(Gateway.last_heard_at)).join(Home, col(Home.home_id) == Gateway.home_id)
    heard = db.exec(ours.where(col(Home.unit_id).in_(viewer.units))).one()
    links = [LinkView(LinkKind.GATEWAYS, "", heard, heard is None or now - heard > patience)]
    for channel in db.exec(select(ChannelRow).order_by(ChannelRow.name)):
        down = is_down(channel.failing_since, channel.failures, now)
        links.append(LinkView(LinkKind.CHANNEL, channel.name, channel.last_proven_at, down))
    for screen in list_screens(db, viewer):
        if screen.is_open:
            down = screen.seen_at is None or now - screen.seen_at > _SCREEN_PATIENCE
            links.append(LinkView(LinkKind.SCREEN, screen.name, screen.seen_at, down))
    return links
