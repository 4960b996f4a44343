"""Routes by which people say how they want to be told, and devices that they were."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from server.access.api import NowDep, SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.db.session import DatabaseDep, ReadDep
from server.errors import ContactError, TooManyAttemptsError
from server.notifications.push import public_key
from server.notifications.reach import Addresses, own_channels, set_addresses, set_choices, subscribe, unsubscribe
from server.notifications.rules import APP, PUSH, Level, Subject
from server.notifications.service import Telling, deliveries, received, rings_for, tell
from server.notifications.tables import ChannelRow, NotificationRow, PushSubscriptionRow

# A test costs the municipality a message, and somebody their sleep.
_BETWEEN_TESTS = timedelta(seconds=20)
_KEEPERS = (Role.STAFF, Role.TESTER, Role.ADMIN)

router = APIRouter(tags=["notifications"])


class ChannelsOut(BaseModel):
    """How I am told. `orders`: what is used beside the app, by lowest severity, in the order it is tried."""

    email: str
    phone: str
    offered: list[str]
    works: list[str]
    orders: dict[int, list[str]]


class ChannelsIn(BaseModel):
    """How I want to be told; what is left out stays. `choices`: channels in order, by lowest severity: 0, 30, 40."""

    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=40)
    choices: dict[Level, list[str]] | None = None


class PushKeys(BaseModel):
    """The browser's own keys."""

    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=100)


class PushIn(BaseModel):
    """A subscription, as the browser's `PushSubscription.toJSON()` says it."""

    endpoint: str = Field(max_length=2000)
    keys: PushKeys


class EndpointIn(BaseModel):
    """Which browser."""

    endpoint: str = Field(max_length=2000)


class TestIn(BaseModel):
    """Which channel to test."""

    channel: str = Field(max_length=20)


class TestBegun(BaseModel):
    """The test's opaque name."""

    id: str


class DeliveryOut(BaseModel):
    """How far one message has come; times are null until it has."""

    channel: str
    sent_at: datetime | None
    received_at: datetime | None
    is_waiting: bool
    failed: str | None


class ChannelOut(BaseModel):
    """Whether a channel works."""

    name: str
    last_proven_at: datetime | None
    failing_since: datetime | None
    failed: str | None


@router.get("/api/me/channels")
def get_own_channels(viewer: ViewerDep, db: ReadDep) -> ChannelsOut:
    """How am I told?"""
    mine = own_channels(db, viewer)
    return ChannelsOut(
        email=mine.addresses.email,
        phone=mine.addresses.phone,
        offered=list(mine.offered),
        works=sorted(mine.works),
        orders={int(level): list(order) for level, order in mine.orders.items()},
    )


@router.put("/api/me/channels", status_code=204)
def put_own_channels(wanted: ChannelsIn, viewer: ViewerDep, database: DatabaseDep, now: NowDep) -> None:
    """Say how I want to be told."""
    with database.transaction() as db:
        before = own_channels(db, viewer).addresses
        email = before.email if wanted.email is None else wanted.email
        phone = before.phone if wanted.phone is None else wanted.phone
        if (email, phone) != (before.email, before.phone):
            set_addresses(db, viewer, Addresses(email, phone), now)
        if wanted.choices is not None:
            set_choices(db, viewer, wanted.choices, now)


@router.get("/api/me/ringing")
def get_ringing(viewer: ViewerDep, db: ReadDep) -> dict[str, bool]:
    """Is there a critical alert I was told of that nobody has taken? Then my device sounds."""
    return {"ringing": rings_for(db, viewer.person_id)}


@router.get("/api/push/key")
def get_push_key(_viewer: ViewerDep, database: DatabaseDep) -> dict[str, str]:
    """Return the key a browser needs to let us push to it."""
    with database.transaction() as db:
        return {"key": public_key(db)}


@router.post("/api/push/subscriptions", status_code=204)
def post_subscription(
    wanted: PushIn, viewer: ViewerDep, database: DatabaseDep, settings: SettingsDep, now: NowDep
) -> None:
    """Push to this browser from now on."""
    browser = PushSubscriptionRow(
        person_id=viewer.person_id,
        endpoint=wanted.endpoint,
        p256dh=wanted.keys.p256dh,
        auth=wanted.keys.auth,
        made_at=now,
    )
    with database.transaction() as db:
        subscribe(db, viewer, browser, settings.push_services, now)


@router.delete("/api/push/subscriptions", status_code=204)
def delete_subscription(wanted: EndpointIn, viewer: ViewerDep, database: DatabaseDep, now: NowDep) -> None:
    """Push to this browser no more."""
    with database.transaction() as db:
        unsubscribe(db, viewer, wanted.endpoint, now)


@router.post("/api/me/channels/test", status_code=201)
def post_test(wanted: TestIn, viewer: ViewerDep, database: DatabaseDep, now: NowDep) -> TestBegun:
    """Send me a test message by one channel."""
    with database.transaction() as db:
        return TestBegun(id=begin_test(db, viewer, wanted.channel, now))


@router.get("/api/me/channels/test/{test_id}")
def get_test(test_id: str, viewer: ViewerDep, db: ReadDep) -> list[DeliveryOut]:
    """How far has my test come?"""
    found = deliveries(db, viewer.person_id, Subject.DUTY_TEST, test_id)
    return [
        DeliveryOut(
            channel=one.channel,
            sent_at=one.sent_at,
            received_at=one.received_at,
            is_waiting=one.is_waiting,
            failed=one.failed,
        )
        for one in found
    ]


@router.post("/api/notifications/{token}/received", status_code=204)
def post_received(token: Annotated[str, Path(max_length=64)], database: DatabaseDep, now: NowDep) -> None:
    """Say that a message came. The token is all it takes: a telephone may long be signed out."""
    with database.transaction() as db:
        received(db, token, now)


@router.get("/api/channels")
def get_channels(viewer: ViewerDep, db: ReadDep) -> list[ChannelOut]:
    """Does each way to people work?"""
    viewer.may(*_KEEPERS)
    rows = db.exec(select(ChannelRow).order_by(col(ChannelRow.name)))
    return [
        ChannelOut(name=row.name, last_proven_at=row.last_proven_at, failing_since=row.failing_since, failed=row.failed)
        for row in rows
    ]


def begin_test(db: Session, viewer: Viewer, channel: str, now: datetime) -> str:
    """Queue a test message by one channel; return the test's name.

    Raises:
        ContactError: there is no address of the viewer's for this channel.
        TooManyAttemptsError: the last test was a moment ago.
    """
    if channel != APP and channel not in own_channels(db, viewer).works:
        raise ContactError(PUSH if channel == PUSH else "channels")
    last = select(NotificationRow.queued_at).where(
        NotificationRow.person_id == viewer.person_id,
        NotificationRow.subject == Subject.DUTY_TEST,
        NotificationRow.channel == channel,
        col(NotificationRow.queued_at) > now - _BETWEEN_TESTS,
    )
    latest = db.exec(last.order_by(col(NotificationRow.queued_at).desc())).first()
    if latest is not None:
        raise TooManyAttemptsError(int((latest + _BETWEEN_TESTS - now).total_seconds()) + 1)
    name = secrets.token_hex(8)
    tell(db, Telling(viewer.person_id, Subject.DUTY_TEST, name, 1, Level.CRITICAL, channels=(channel,)), now)
    return name
