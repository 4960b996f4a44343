"""The routes by which administrators keep homes, sensors and gateways, close accounts, and read the audit."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.access.api import NowDep, ViewerDep
from server.access.people import close_account
from server.administration import homes, trail
from server.administration.health import health_of
from server.db.session import DatabaseDep, ReadDep
from server.duty.service import close_duty
from server.latency.api import LatencyOut, latency_out

router = APIRouter(prefix="/api/admin", tags=["administration"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SensorOut(_Out):
    """A sensor of a home; `address` is its Bluetooth address."""

    address: str
    room: str
    kinds: list[str]
    last_heard_at: datetime | None
    battery_percent: float | None


class HomeOut(_Out):
    """A home with who lives there, its gateway and its sensors."""

    code: str
    address: str
    time_zone: str
    unit: str
    resident: str
    name: str
    birth_year: int | None
    phone: str
    gateway: str
    enrolled_at: datetime | None
    revoked_at: datetime | None
    last_heard_at: datetime | None
    code_until: datetime | None = Field(description="How long an open enrolment code holds; null: there is none")
    sensors: tuple[SensorOut, ...]


class HomeIn(BaseModel):
    """What a home is to be. Without a name it is a common room, which is nobody's."""

    address: str
    unit: str
    name: str = ""
    birth_year: int = 1940
    phone: str = ""
    time_zone: str = "Europe/Oslo"

    def wanted(self) -> homes.WantedHome:
        """Return it as the service takes it."""
        return homes.WantedHome(self.address, self.unit, self.name, str(self.birth_year), self.phone, self.time_zone)


class SensorIn(BaseModel):
    """What a sensor is to be. Of one that takes another's place, only address and key count."""

    address: str
    room: str = ""
    kinds: tuple[str, ...] = ()
    bind_key: str = ""

    def wanted(self) -> homes.WantedSensor:
        """Return it as the service takes it."""
        return homes.WantedSensor(self.address, self.room, self.kinds, self.bind_key)


class EntryOut(_Out):
    """An entry of the audit."""

    number: int = Field(validation_alias="audit_entry_id")
    at: datetime
    who: str
    what: str
    about: str
    why: str


class StoreOut(_Out):
    """The database that just answered."""

    kind: str
    version: str = Field(description="Of its tables")
    size_bytes: int


class GatewaysOut(_Out):
    """The gateways of one's units."""

    known: int
    last_heard_at: datetime | None = Field(description="The newest word of any of them, by whichever broker")
    silent: tuple[str, ...] = Field(description="Homes whose gateway was heard once and is not now")
    never_heard: int


class QueueOut(_Out):
    """What the service has still to do, of all units."""

    name: str
    waiting: int = Field(description="With a time for it")
    due: int = Field(description="Whose time has come")
    oldest_due_at: datetime | None
    is_late: bool


class ChannelOut(_Out):
    """A channel to people."""

    name: str
    last_proven_at: datetime | None = Field(description="null: no provider has taken a message by it yet")
    failing_since: datetime | None
    is_down: bool


class WorkOut(_Out):
    """A recurring piece of work."""

    name: str
    last_at: datetime | None = Field(description="The newest trace it left; null: not known")
    is_late: bool


class HealthOut(BaseModel):
    """How the service is, as far as its database can tell."""

    at: datetime
    database: StoreOut
    gateways: GatewaysOut
    queues: list[QueueOut]
    channels: list[ChannelOut]
    works: list[WorkOut]
    latency: LatencyOut


class TrailOut(BaseModel):
    """A page of the audit. `broken_at`: the first entry found altered; null: none is.

    `whole_at`: when the whole log was last found as it was written.
    """

    entries: list[EntryOut]
    broken_at: int | None
    whole_at: datetime | None


@router.get("/homes")
def get_homes(viewer: ViewerDep, db: ReadDep) -> list[HomeOut]:
    """List homes."""
    return [HomeOut.model_validate(one) for one in homes.list_homes(db, viewer)]


@router.get("/homes/{home_code}")
def get_home(viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str) -> HomeOut:
    """Show one home. The look is audited."""
    with database.transaction() as db:
        return HomeOut.model_validate(homes.find_home(db, viewer, home_code, now))


@router.post("/homes", status_code=201)
def post_home(viewer: ViewerDep, database: DatabaseDep, now: NowDep, asked: HomeIn) -> dict[str, str]:
    """Make a home with its resident and a gateway that waits for its enrolment."""
    with database.transaction() as db:
        return {"code": homes.make_home(db, viewer, asked.wanted(), now)}


@router.put("/homes/{home_code}", status_code=204)
def put_home(viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str, asked: HomeIn) -> None:
    """Change a home."""
    with database.transaction() as db:
        homes.change_home(db, viewer, home_code, asked.wanted(), now)


@router.put("/homes/{home_code}/sensors", status_code=204)
def put_sensor(viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str, asked: SensorIn) -> None:
    """Add a sensor, or change where it hangs and what it measures."""
    with database.transaction() as db:
        homes.keep_sensor(db, viewer, home_code, asked.wanted(), now)


@router.delete("/homes/{home_code}/sensors/{address}", status_code=204)
def delete_sensor(viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str, address: str) -> None:
    """Take a sensor out of the home. What it told stays."""
    with database.transaction() as db:
        homes.remove_sensor(db, viewer, home_code, address, now)


@router.post("/homes/{home_code}/sensors/{address}/replacement", status_code=204)
def post_replacement(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str, address: str, asked: SensorIn
) -> None:
    """Put another sensor in its place."""
    with database.transaction() as db:
        homes.replace_sensor(db, viewer, home_code, address, asked.wanted(), now)


@router.post("/homes/{home_code}/enrolment", status_code=201)
def post_enrolment(viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str) -> dict[str, str]:
    """Make a one-time code for the home's gateway; it is told once, and an earlier one no longer holds."""
    with database.transaction() as db:
        return {"code": homes.new_code(db, viewer, home_code, now)}


@router.delete("/homes/{home_code}/enrolment", status_code=204)
def delete_enrolment(viewer: ViewerDep, database: DatabaseDep, now: NowDep, home_code: str) -> None:
    """Take the right to speak from the home's gateway: lost or stolen."""
    with database.transaction() as db:
        homes.revoke(db, viewer, home_code, now)


@router.post("/people/{username}/close", status_code=204)
def post_close(viewer: ViewerDep, database: DatabaseDep, now: NowDep, username: str) -> None:
    """Close an account; whoever has it is on duty no longer. Nothing they did is forgotten."""
    with database.transaction() as db:
        close_duty(db, close_account(db, viewer, username, now), viewer.audit_name, now)


@router.get("/audit")
def get_audit(  # noqa: PLR0913, PLR0917 - the ways in which people look for an entry
    viewer: ViewerDep,
    database: DatabaseDep,
    now: NowDep,
    who: str | None = None,
    resident: str | None = None,
    from_at: AwareDatetime | None = None,
    to_at: AwareDatetime | None = None,
    before: int | None = None,
) -> TrailOut:
    """Read the audit: a page of 100, the newest first. The reading is audited."""
    with database.transaction() as db:
        found = trail.read_trail(db, viewer, trail.Wanted(who, resident, from_at, to_at, before), now)
    return TrailOut(
        entries=[EntryOut.model_validate(one) for one in found.entries],
        broken_at=found.broken_at,
        whole_at=found.whole_at,
    )


@router.get("/health")
def get_health(viewer: ViewerDep, db: ReadDep, now: NowDep) -> HealthOut:
    """Tell how the service is: what waits, what is silent, what was last proven. null where that is not known."""
    found = health_of(db, viewer, now)
    return HealthOut(
        at=found.at,
        database=StoreOut.model_validate(found.store),
        gateways=GatewaysOut.model_validate(found.gateways),
        queues=[QueueOut.model_validate(one) for one in found.queues],
        channels=[ChannelOut.model_validate(one) for one in found.channels],
        works=[WorkOut.model_validate(one) for one in found.works],
        latency=latency_out(found.latency),
    )
