"""Sends one HTTP request to a provider, and never waits long for the answer."""

import asyncio
import logging
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext

import httpx

from server.notifications.channel import ChannelError

# It would write addresses, and a browser's is as good as a key to ring it.
logging.getLogger("httpx").setLevel(logging.WARNING)

# For the whole exchange: a server that answers a byte at a time must not hold a worker.
PATIENCE_S = 8.0


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Return the status of the answer when it is 2xx, 404, 410 or 422. Redirections are not followed.

    Raises:
        ChannelError: there was no answer in time, or one that says to try again; the text carries no address.
    """
    try:
        answer = asyncio.run(_exchange(url, body, headers))
    except TimeoutError:
        raise ChannelError(f"no answer within {PATIENCE_S:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ChannelError(type(error).__name__) from None
    if answer.is_success or answer.status_code in {404, 410, 422}:
        return answer.status_code
    raise ChannelError(f"answered {answer.status_code}", _wait(answer))


async def _exchange(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async with (
        asyncio.timeout(PATIENCE_S),
        httpx.AsyncClient(timeout=None, verify=_trust(), trust_env=False) as client,  # noqa: S113 - timed as a whole
        # What it says in the body is not read: it may be long, and is never shown.
        client.stream("POST", url, content=body, headers=headers) as answer,
    ):
        return answer


@cache
def _trust() -> SSLContext:
    return httpx.create_ssl_context()


def _wait(answer: httpx.Response) -> timedelta | None:
    """Return how long the provider wants to be left alone: seconds, or a date beside its own date."""
    said = answer.headers.get("retry-after", "")
    if said.isdecimal():
        return timedelta(seconds=min(int(said), 86_400))
    try:
        return parsedate_to_datetime(said) - parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
