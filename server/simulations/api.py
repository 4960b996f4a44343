"""Routes for simulated homes: what their simulators tell, and what testers ask. Outside test mode there are none."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.clock import SystemClock
from server.access.api import NowDep, SettingsDep, ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep, ReadDep
from server.errors import NotFoundError
from server.live.feed import Feed
from server.live.service import SIMULATION_ORDER
from server.simulations import service
from server.simulations.messages import HomePlan, HomeState, TruthLine
from server.simulations.rules import Order, OrderOutcome, Verb
from server.simulations.tables import OrderRow

# How long a simulator's question for orders is kept open, in real seconds.
_LONGEST_WAIT_S = 25.0


def only_in_test_mode(settings: SettingsDep, _viewer: ViewerDep) -> None:
    """Let nobody find anything here where real people live.

    Raises:
        NotFoundError: this server is not in test mode.
    """
    if not settings.test_mode:
        raise NotFoundError("simulations")


def real_now() -> datetime:
    """Return the real time: whether a simulator answers is not for its own clock to say."""
    return SystemClock().now()


RealNowDep = Annotated[datetime, Depends(real_now)]
router = APIRouter(prefix="/api/simulations", tags=["simulations"], dependencies=[Depends(only_in_test_mode)])


class RegisteredOut(BaseModel):
    """A home that a simulator may run now."""

    orders_after: int = Field(description="Its orders have higher numbers")


class OrderIn(BaseModel):
    """What is asked of a home."""

    verb: Verb
    argument: str = Field(default="", max_length=60)


class OrderOut(BaseModel):
    """An order. `outcome` None: not taken yet; times are the world's."""

    model_config = ConfigDict(from_attributes=True)

    order_id: int
    home: str
    verb: Verb
    argument: str
    asked_at: datetime
    taken_at: datetime | None
    outcome: OrderOutcome | None
    said: str


class OutcomeIn(BaseModel):
    """What became of an order; `said` is the reason where it was refused."""

    outcome: OrderOutcome
    said: str = Field(default="", max_length=300)


class SimulationOut(BaseModel):
    """A simulated home."""

    model_config = ConfigDict(from_attributes=True)

    home: str
    resident_id: str
    is_connected: bool
    plan: HomePlan
    state: HomeState | None
    truth: tuple[TruthLine, ...]


@router.get("")
def get_simulations(viewer: ViewerDep, db: ReadDep, real: RealNowDep) -> list[SimulationOut]:
    """List the unit's simulated homes."""
    return [SimulationOut.model_validate(one) for one in service.list_simulations(db, viewer, real)]


@router.get("/orders")
async def get_orders(
    request: Request,
    viewer: ViewerDep,
    database: DatabaseDep,
    after: Annotated[int, Query(ge=0)],
    wait_s: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S)] = _LONGEST_WAIT_S,
) -> list[OrderOut]:
    """List untaken orders above `after`; waits for one, at most `wait_s` real seconds, and answers then with none."""
    feed: Feed = request.app.state.feed
    with feed.page() as changes:  # before the first look, so that nothing falls between the two
        found = await asyncio.to_thread(_untaken, database, viewer, after)
        try:
            async with asyncio.timeout(wait_s):
                while not found:
                    change = await changes.get()
                    if change is None:
                        break
                    if change.what == SIMULATION_ORDER and change.unit_id in viewer.units:
                        found = await asyncio.to_thread(_untaken, database, viewer, after)
        except TimeoutError:
            pass
    return found


@router.put("/orders/{order_id}/outcome")
def put_outcome(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, order_id: int, told: OutcomeIn
) -> None:
    """Tell what became of an order. Only the first time counts."""
    with database.transaction() as db:
        service.note_outcome(db, viewer, order_id, told.outcome, told.said, now)
    request.app.state.feed.wake()


@router.get("/{home}")
def get_simulation(viewer: ViewerDep, db: ReadDep, real: RealNowDep, home: str) -> SimulationOut:
    """Show one simulated home as it is now."""
    return SimulationOut.model_validate(service.get_simulation(db, viewer, home, real))


@router.put("/{home}")
def put_simulation(
    request: Request, viewer: ViewerDep, database: DatabaseDep, real: RealNowDep, home: str, plan: HomePlan
) -> RegisteredOut:
    """Begin to run a home. What was told of an earlier run is forgotten."""
    with database.transaction() as db:
        after = service.register(db, viewer, home, plan, real)
    request.app.state.feed.wake()
    return RegisteredOut(orders_after=after)


@router.post("/{home}/state", status_code=204)
def post_state(
    request: Request, viewer: ViewerDep, database: DatabaseDep, real: RealNowDep, home: str, state: HomeState
) -> None:
    """Tell where everybody is; a few times a second at most."""
    with database.transaction() as db:
        service.note_state(db, viewer, home, state, real)
    request.app.state.feed.wake()


@router.post("/{home}/truth", status_code=204)
def post_truth(
    request: Request, viewer: ViewerDep, database: DatabaseDep, home: str, truth: tuple[TruthLine, ...]
) -> None:
    """Tell all that happened so far, and what should have come of it."""
    with database.transaction() as db:
        service.note_truth(db, viewer, home, truth)
    request.app.state.feed.wake()


@router.post("/{home}/orders")
def post_order(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, home: str, order: OrderIn
) -> OrderOut:
    """Ask something of a home. 422 for what it does not offer. Audited."""
    with database.transaction() as db:
        asked = service.ask(db, viewer, home, Order(order.verb, order.argument), now)
        db.flush()
        out = _order_out(asked, home)
    request.app.state.feed.wake()
    return out


def _untaken(database: Database, viewer: Viewer, after: int) -> list[OrderOut]:
    with database.reading() as db:
        return [_order_out(row, home) for row, home in service.untaken_orders(db, viewer, after)]


def _order_out(row: OrderRow, home: str) -> OrderOut:
    return OrderOut.model_validate({**row.model_dump(), "home": home})
