"""Asks the server what it knows, through the API that anybody may use."""

from types import TracebackType
from typing import Any, Final, Self

import httpx

from device_sims.errors import NoAnswerError

# Real seconds; the server may be in the middle of being restarted.
_PATIENCE_S: Final = 5.0


class ServerLink:
    """A signed-in session. Signs in again by itself when the session has ended.

    `patience_s`: real seconds to wait for an answer.
    """

    def __init__(self, address: str, username: str, password: str, patience_s: float = _PATIENCE_S) -> None:
        self._client = httpx.AsyncClient(base_url=address, timeout=patience_s, trust_env=False)
        self._address = address
        self._credentials = {"username": username, "password": password}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def is_up(self) -> bool:
        """Return whether the server answers."""
        try:
            return (await self._client.get("/healthz")).is_success
        except httpx.HTTPError:
            return False

    async def gateway(self, gateway_id: str) -> dict[str, Any]:
        """Return what the server knows of a gateway.

        Raises:
            NoAnswerError: the server is not there just now.
        """
        answer: dict[str, Any] = await self._get(f"/api/gateways/{gateway_id}")
        return answer

    async def gateways(self) -> list[dict[str, Any]]:
        """Return what the server knows of every gateway of the tester's unit.

        Raises:
            NoAnswerError: the server is not there just now.
        """
        answer: list[dict[str, Any]] = await self._get("/api/gateways")
        return answer

    async def alerts(self, group: str = "all") -> list[dict[str, Any]]:
        """Return all alerts, or those that are `open`, `taken` or `closed`, page by page.

        Raises:
            NoAnswerError: the server is not there just now.
        """
        alerts: list[dict[str, Any]] = []
        page = f"/api/alerts?group={group}"
        while page:
            answer = await self._answer("GET", page)
            alerts += _said(page, answer)
            page = answer.links.get("next", {}).get("url", "")
        return alerts

    async def quarantined(self) -> int:
        """Return how many messages could not be read and are kept aside.

        Raises:
            NoAnswerError: the server is not there just now.
        """
        return len(await self._get("/api/quarantine"))

    async def _get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return await self.tell("GET", path)

    async def tell(self, method: str, path: str, message: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send a message of JSON and return what is answered; None for an empty answer.

        Raises:
            NoAnswerError: the server is not there just now, or refuses it.
        """
        answer = await self._answer(method, path, message)
        return _said(path, answer) if answer.content else None

    async def _answer(self, method: str, path: str, message: object = None) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, json=message)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                await self._sign_in()
                answer = await self._client.request(method, path, json=message)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise NoAnswerError(f"no server answers at {self._address} ({why}; asked for {path})") from error
        if answer.is_success:
            return answer
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise NoAnswerError(f"{self._credentials['username']} may not ask the server for {path}: a tester may")
        raise NoAnswerError(f"{self._address}{path}: the server answers {answer.status_code} {answer.reason_phrase}")

    async def _sign_in(self) -> None:
        answer = await self._client.post("/api/session", json=self._credentials)
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.UNPROCESSABLE_ENTITY}:
            who = self._credentials["username"]
            raise NoAnswerError(f"the server at {self._address} does not let {who} in: user name or password is wrong")


def _said(path: str, answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    try:
        return answer.json()
    except ValueError as error:
        raise NoAnswerError(
            f"{answer.url.copy_with(path=path)}: JSON was expected; is a Livsrytme server there?"
        ) from error
