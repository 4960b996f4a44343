"""The stream of changes an open page listens to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.tables import PRIVATE_ROLES, Role
from server.live.feed import Feed
from server.live.service import SIMULATION, SIMULATION_ORDER
from server.live.tables import ChangeRow

# A page that hears nothing for 20 s says it is disconnected, so two beats may be lost before it does.
_BEAT_EVERY_S = 8.0

router = APIRouter(tags=["live"])


@router.get("/live")
async def get_live(request: Request, viewer: ViewerDep) -> StreamingResponse:
    """Stream `change` (what and opaque name) and `beat` events for the viewer's unit; `simulation` ones to testers."""
    return stream_of(request, lambda change: _is_for(change, viewer))


def stream_of(request: Request, is_for: Callable[[ChangeRow], bool], *, is_blank: bool = False) -> StreamingResponse:
    """Return a stream of the changes `is_for` lets pass, and of beats. `is_blank`: it tells only that there was one."""
    feed: Feed = request.app.state.feed
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(feed, is_for, is_blank), media_type="text/event-stream", headers=headers)


async def _events(feed: Feed, is_for: Callable[[ChangeRow], bool], is_blank: bool) -> AsyncIterator[str]:  # noqa: FBT001
    with feed.page() as queue:
        yield "retry: 1000\nevent: beat\ndata: {}\n\n"
        while True:
            try:
                async with asyncio.timeout(_BEAT_EVERY_S):
                    change = await queue.get()
            except TimeoutError:
                yield "event: beat\ndata: {}\n\n"
                continue
            if change is None:
                return
            if is_for(change):
                data = "{}" if is_blank else json.dumps({"what": change.what, "id": change.name})
                event = SIMULATION if change.what == SIMULATION and not is_blank else "change"
                yield f"id: {change.change_id}\nevent: {event}\ndata: {data}\n\n"


def _is_for(change: ChangeRow, viewer: Viewer) -> bool:
    if viewer.role in PRIVATE_ROLES and change.what != "resident":
        return False
    if change.what == SIMULATION_ORDER or (change.what == SIMULATION and viewer.role is not Role.TESTER):
        return False
    return change.unit_id in viewer.units and change.person_id in {None, viewer.person_id}
