"""Keeps what simulators tell of their homes, and carries testers' orders to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlmodel import Session, col, func, select, update

from server.access.service import Viewer
from server.access.tables import Role
from server.audit.service import append
from server.errors import NotFoundError, OrderError
from server.live.service import SIMULATION, SIMULATION_ORDER, changed
from server.residents.service import residents_of
from server.residents.tables import Home, Resident
from server.simulations.messages import HomePlan, HomeState, TruthLine
from server.simulations.rules import Order, OrderOutcome, fault_of, is_connected
from server.simulations.tables import OrderRow, SimulationRow

_TRUTH: TypeAdapter[tuple[TruthLine, ...]] = TypeAdapter(tuple[TruthLine, ...])
_ORDERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SimulationView:
    """A simulated home. `orders`: the last ones, newest first. `is_connected`: a simulator runs it now."""

    home: str
    address: str
    time_zone: str
    resident_id: str
    resident: str
    is_connected: bool
    plan: HomePlan
    state: HomeState | None
    truth: tuple[TruthLine, ...]
    orders: tuple[OrderRow, ...]


def register(db: Session, viewer: Viewer, home_code: str, plan: HomePlan, real_now: datetime) -> int:
    """Let a simulator begin to run a home; return the newest order, after which its own begin.

    Orders that nobody has taken are missed: what was asked of an earlier run is not done to this one.
    """
    home = _home(db, viewer, home_code)
    row = db.get(SimulationRow, home.home_id)
    if row is None:
        row = SimulationRow(home_id=home.home_id or 0, plan={}, heard_at=real_now)
    row.plan, row.state, row.truth, row.heard_at = plan.model_dump(mode="json"), None, [], real_now
    db.add(row)
    untaken = (col(OrderRow.home_id) == home.home_id) & col(OrderRow.outcome).is_(None)
    db.exec(update(OrderRow).where(untaken).values(outcome=OrderOutcome.MISSED))
    changed(db, home.unit_id, SIMULATION, home.code)
    return db.exec(select(func.max(OrderRow.order_id))).one() or 0


def note_state(db: Session, viewer: Viewer, home_code: str, state: HomeState, real_now: datetime) -> None:
    """Keep where everybody is now. Raises NotFoundError where the home was not registered."""
    home, row = _registered(db, viewer, home_code)
    row.state, row.heard_at = state.model_dump(mode="json"), real_now
    changed(db, home.unit_id, SIMULATION, home.code)


def note_truth(db: Session, viewer: Viewer, home_code: str, truth: tuple[TruthLine, ...]) -> None:
    """Keep what happened, all of it: it takes the place of what was told before."""
    home, row = _registered(db, viewer, home_code)
    row.truth = _TRUTH.dump_python(truth, mode="json")
    changed(db, home.unit_id, SIMULATION, home.code)


def ask(db: Session, viewer: Viewer, home_code: str, order: Order, now: datetime) -> OrderRow:
    """Ask something of a simulated home; audited.

    Raises:
        NotFoundError: no simulated home of that name is in the viewer's unit.
        NotAllowedError: only testers may.
        OrderError: the home does not offer that; the text says what it does.
    """
    home, row = _registered(db, viewer, home_code)
    fault = fault_of(order, HomePlan.model_validate(row.plan))
    if fault is not None:
        raise OrderError(fault)
    asked = OrderRow(
        home_id=row.home_id, verb=order.verb, argument=order.argument, asked_by=viewer.audit_name, asked_at=now
    )
    db.add(asked)
    what = f"simulation {order.verb}"
    append(db, at=now, who=viewer.audit_name, what=what, about=f"home:{home.code}", why=order.argument)
    changed(db, home.unit_id, SIMULATION_ORDER, home.code)
    changed(db, home.unit_id, SIMULATION, home.code)
    return asked


def untaken_orders(db: Session, viewer: Viewer, after: int) -> list[tuple[OrderRow, str]]:
    """Return the unit's orders with a number above `after` that nobody has taken, with their homes, oldest first."""
    viewer.may(Role.TESTER)
    wanted = (
        select(OrderRow, Home.code)
        .join(Home, col(Home.home_id) == OrderRow.home_id)
        .where(col(Home.unit_id).in_(viewer.units), col(OrderRow.order_id) > after, col(OrderRow.outcome).is_(None))
    )
    return list(db.exec(wanted.order_by(col(OrderRow.order_id))))


def note_outcome(
    db: Session, viewer: Viewer, order_id: int, outcome: OrderOutcome, said: str, now: datetime
) -> OrderRow:
    """Note what became of an order. Only the first time counts: a repeat is harmless.

    Raises:
        NotFoundError: there is no such order in the viewer's unit.
    """
    viewer.may(Role.TESTER)
    row = db.get(OrderRow, order_id, with_for_update=True)
    home = db.get(Home, row.home_id) if row is not None else None
    if row is None or home is None or home.unit_id not in viewer.units:
        raise NotFoundError("order")
    if row.outcome is None:
        row.outcome, row.said, row.taken_at = outcome, said, now
        changed(db, home.unit_id, SIMULATION, home.code)
    return row


def list_simulations(db: Session, viewer: Viewer, real_now: datetime) -> list[SimulationView]:
    """Return the simulated homes of the viewer's unit by their names."""
    viewer.may(Role.TESTER)
    wanted = select(SimulationRow, Home).join(Home, col(Home.home_id) == SimulationRow.home_id)
    rows = db.exec(wanted.where(col(Home.unit_id).in_(viewer.units), col(Home.is_test)).order_by(Home.code))
    return [_view(db, row, home, real_now, ()) for row, home in rows]


def get_simulation(db: Session, viewer: Viewer, home_code: str, real_now: datetime) -> SimulationView:
    """Return one simulated home. Raises NotFoundError and NotAllowedError as `ask`."""
    home, row = _registered(db, viewer, home_code)
    newest = select(OrderRow).where(OrderRow.home_id == home.home_id).order_by(col(OrderRow.order_id).desc())
    return _view(db, row, home, real_now, db.exec(newest.limit(_ORDERS_SHOWN)))


def _view(
    db: Session, row: SimulationRow, home: Home, real_now: datetime, orders: Iterable[OrderRow]
) -> SimulationView:
    resident: Resident = residents_of(db, row.home_id)[0]
    return SimulationView(
        home=home.code,
        address=home.address,
        time_zone=home.time_zone,
        resident_id=resident.code,
        resident=resident.name,
        is_connected=is_connected(row.heard_at, real_now),
        plan=HomePlan.model_validate(row.plan),
        state=HomeState.model_validate(row.state) if row.state is not None else None,
        truth=_TRUTH.validate_python(row.truth),
        orders=tuple(orders),
    )


def _home(db: Session, viewer: Viewer, code: str) -> Home:
    viewer.may(Role.TESTER)
    # Only ever a test home: a real one is not found, whoever asks.
    wanted = select(Home).where(Home.code == code, col(Home.unit_id).in_(viewer.units), col(Home.is_test))
    home = db.exec(wanted).first()
    if home is None:
        raise NotFoundError("home")
    return home


def _registered(db: Session, viewer: Viewer, code: str) -> tuple[Home, SimulationRow]:
    home = _home(db, viewer, code)
    row = db.get(SimulationRow, home.home_id)
    if row is None:
        raise NotFoundError("simulation")
    return home, row
