"""The feed of changes to open pages."""

import asyncio

from server.db.session import Database
from server.live.feed import Feed
from server.live.tables import ChangeRow


def tell(database: Database, name: str, person_id: int | None = None) -> None:
    with database.transaction() as db:
        db.add(ChangeRow(unit_id=1, person_id=person_id, what="notification", name=name))


async def test_what_is_meant_for_a_person_reaches_the_page_they_open_next(database: Database) -> None:
    feed = Feed(database)
    running = asyncio.create_task(feed.run())
    async with asyncio.timeout(60):
        with feed.page() as left:
            while left.empty():  # it begins with what changes after its start
                await asyncio.to_thread(tell, database, "everybody's")
                await asyncio.sleep(0.05)
            await asyncio.to_thread(tell, database, "marias", 1)
            while (heard := await left.get()) is not None and heard.name != "marias":
                pass

    with feed.page() as opened:
        missed = opened.get_nowait()

    assert missed is not None
    assert missed.name == "marias"
    assert opened.empty()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
