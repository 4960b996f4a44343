"""The web application and its life: database, clock, workers, routes, errors."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import entry_points

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from server import errors
from server.absences import api as absences_api
from server.access import admin_api
from server.access import api as access_api
from server.administration import api as administration_api
from server.alerting import api as alerting_api
from server.board import api as board_api
from server.broker import embedded
from server.db.migrate import upgrade
from server.db.session import Database
from server.duty import api as duty_api
from server.enrolment import api as enrolment_api
from server.escalation import api as escalation_api
from server.figures import api as figures_api
from server.follow_up import api as follow_up_api
from server.handovers import api as handovers_api
from server.ingest import api as ingest_api
from server.latency import api as latency_api
from server.live import api as live_api
from server.live.feed import Feed
from server.liveness import api as liveness_api
from server.notifications import api as notifications_api
from server.overview import api as overview_api
from server.overview import development_api, house_rules_api, plans_api, routine_api
from server.relatives import api as relatives_api
from server.roles import Roles
from server.rounds import api as rounds_api
from server.sensitivity import api as sensitivity_api
from server.settings import EMBEDDED, Role, ServerSettings
from server.simulations import api as simulations_api
from server.visits import api as visits_api

_LOG = logging.getLogger(__name__)

_STATUS = {
    errors.NotFoundError: (404, "no such thing"),
    errors.NotAllowedError: (403, "your role may not do this"),
    errors.AlertNotOpenError: (409, "the alert is closed"),
    errors.LastOnDutyError: (409, "nobody else is on duty: name who takes over, and stay until they have begun"),
    errors.ReopenError: (409, "it is too late to re-open this alert, or a newer one of its kind is open"),
    errors.VisitFirstError: (
        409,
        "they called again and nobody has been there since: visit them, or let a second person confirm",
    ),
    errors.NoRepeatError: (409, "nobody called twice without a visit; there is nothing to confirm"),
    errors.SamePersonError: (422, "this takes somebody else than yourself"),
    errors.NoColleagueError: (422, "this person cannot open the alert; choose one of its colleagues"),
    errors.StaleVersionError: (409, "the alert has changed; look again"),
    errors.ContactError: (422, "that is no e-mail address, telephone number or channel of yours; look it over"),
    errors.UnrateableError: (422, "alerts of this kind come whatever people say of them; there is nothing to rate"),
    errors.AbsenceOverlapsError: (409, "one of this kind holds in that time already; change its end"),
    errors.VisitTimesError: (422, "a visit ends after it begins, lasts a day at most, and is not over yet"),
    errors.NotRehearsedError: (422, "try this version of the rule on the last weeks before you switch it on"),
    errors.TooLongMutedError: (
        422,
        "a muting ends in the future, two weeks ahead at most, and not everything is muted",
    ),
    errors.RoundNotOpenError: (409, "it is not time for this round yet"),
    errors.UnmarkedError: (422, "say of every resident what you saw before you sign"),
    errors.PictureChangedError: (409, "something else is known of this resident now; look again"),
    errors.NotKnownError: (422, "how things are in this home is not known now; call or go there"),
    errors.UnsignableError: (422, "that is no request for a certificate"),
    errors.WrongCodeError: (403, "the code is wrong, was used, or is too old; ask for a new one"),
    errors.WrongCredentialsError: (401, "sign in first, or check user name and password"),
}
# Errors that carry their own words.
_TELLING = {
    errors.AbsenceTimesError: 422,
    errors.CalendarError: 422,
    errors.MarkError: 422,
    errors.NoteError: 422,
    errors.OrderError: 422,
    errors.RotaError: 422,
    errors.ShiftError: 422,
    errors.HandoverError: 409,
    errors.RoundSignedError: 409,
}


def create_app(settings: ServerSettings) -> FastAPI:
    """Return the application. Nothing is opened before it starts."""
    app = FastAPI(
        title="Livsrytme",
        version="1",
        lifespan=_life,
        dependencies=[Depends(access_api.from_our_own_pages)],
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    for module in (
        absences_api,
        access_api,
        admin_api,
        administration_api,
        alerting_api,
        board_api,
        development_api,
        duty_api,
        enrolment_api,
        escalation_api,
        figures_api,
        follow_up_api,
        handovers_api,
        house_rules_api,
        ingest_api,
        latency_api,
        live_api,
        liveness_api,
        notifications_api,
        overview_api,
        plans_api,
        relatives_api,
        rounds_api,
        routine_api,
        sensitivity_api,
        simulations_api,
        visits_api,
    ):
        app.include_router(module.router)
    app.add_api_route("/healthz", _healthz, tags=["health"])
    _answer_errors(app)
    if Role.API in settings.roles:
        for pages in entry_points(group="livsrytme.pages"):
            pages.load()(app)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    settings: ServerSettings = app.state.settings
    upgrade(settings.url)
    database = Database(settings.url)
    app.state.database = database
    app.state.clock = settings.open_clock()
    app.state.feed = Feed(database)
    async with AsyncExitStack() as stack:
        stack.callback(database.close)
        brokers = settings.brokers
        if brokers == (EMBEDDED,) and Role.INGEST in settings.roles:
            brokers = (stack.enter_context(embedded()),)
            _LOG.info("embedded broker at %s", brokers[0])
        await stack.enter_async_context(Roles(database, app.state.clock, settings, app.state.feed).running(brokers))
        yield
        # Open streams would keep the process alive.
        app.state.feed.close()


def _healthz(request: Request) -> dict[str, str]:
    with request.app.state.database.reading() as db:
        db.connection()
    return {"status": "ok"}


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(errors.ServerError)
    def answer(request: Request, error: errors.ServerError) -> JSONResponse:
        access_api.note_refusal(request, error)
        if isinstance(error, errors.AlertTakenError):
            detail = {"detail": f"taken by {error.by}", "taken_by": error.by, "taken_at": error.at.isoformat()}
            return JSONResponse(detail, 409)
        if isinstance(error, errors.TooManyAttemptsError):
            return JSONResponse({"detail": f"wait {error.wait_s} s"}, 429, headers={"Retry-After": str(error.wait_s)})
        if isinstance(error, errors.UnfitError):
            return JSONResponse({"detail": str(error), "faults": error.faults}, 422)
        if isinstance(error, errors.PolicyError):
            return JSONResponse({"detail": str(error), "fault": error.kind, "step": error.step}, 422)
        if type(error) in _TELLING:
            return JSONResponse({"detail": str(error)}, _TELLING[type(error)])
        status, words = _STATUS.get(type(error), (500, "something went wrong here"))
        return JSONResponse({"detail": words}, status)
