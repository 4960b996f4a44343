"""The places a person can go to, by role: the first few within a thumb's reach, all of them in the menu."""

from dataclasses import dataclass

from caregiver_ui.visit import Visit
from server.access.tables import Role

_CARERS = frozenset({Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})
_KEEP_DUTY = frozenset({Role.NURSE, Role.TESTER, Role.ADMIN})
# What fits side by side on the narrowest phone with targets of 48 px.
_WITHIN_REACH = 4
# Once set, seldom needed again.
_SELDOM = frozenset({"settings"})


@dataclass(frozen=True, slots=True)
class Place:
    """One entry. `name` is what a page calls itself with `place=`; `symbol` is an icon's name."""

    name: str
    path: str
    symbol: str
    label: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """Where this person can go. `near`: in the bar; `far`: in the menu only."""

    near: tuple[Place, ...]
    far: tuple[Place, ...]


def navigation_of(visit: Visit) -> Navigation:
    """Return the places of whoever looks; none before signing in."""
    if visit.viewer is None:
        return Navigation((), ())
    role = visit.viewer.role
    places = tuple(place for place, roles in _all(visit) if role in roles)
    near = tuple(place for place in places if place.name not in _SELDOM)[:_WITHIN_REACH]
    return Navigation(near, tuple(place for place in places if place not in near))


def _all(visit: Visit) -> list[tuple[Place, frozenset[Role]]]:
    """Return every place with who may go there, the ones most needed first."""
    _ = visit.speech.gettext
    testers = frozenset({Role.TESTER}) if visit.is_test else frozenset()
    return [
        (Place("alerts", "/", "alerts", _("Alerts")), _CARERS),
        (Place("residents", "/residents", "residents", _("Residents")), _CARERS),
        (Place("simulations", "/simulations", "test", _("Simulated")), testers),
        (Place("duty", "/duty", "late", _("Duty")), _KEEP_DUTY),
        (Place("rounds", "/rounds", "rounds", _("Rounds")), _CARERS),
        (Place("policies", "/admin/policies", "phone", _("Chain")), frozenset({Role.ADMIN})),
        (Place("status", "/status", "normal", _("Status")), frozenset({Role.RELATIVE})),
        (Place("messages", "/messages", "messages", _("Messages")), frozenset({Role.RELATIVE})),
        (Place("sharing", "/sharing", "sharing", _("Sharing")), frozenset({Role.RELATIVE})),
        (Place("overview", "/overview", "overview", _("Overview")), _CARERS - {Role.NURSE}),
        (Place("devices", "/devices", "technical", _("Devices")), _CARERS),
        (Place("overview", "/overview", "overview", _("Overview")), frozenset({Role.NURSE})),
        (Place("figures", "/figures", "figures", _("Figures")), _CARERS - {Role.NURSE}),
        (Place("board", "/board", "board", _("Duty-room board")), _CARERS),
        (Place("calendar", "/calendar", "visit", _("Calendar of the unit")), _CARERS),
        (Place("settings", "/settings", "alerts", _("How I am told")), frozenset(Role)),
        (Place("homes", "/admin/residents", "residents", _("Residents and homes")), _ADMINS),
        (Place("people", "/admin/people", "account", _("People")), _ADMINS),
        (Place("units", "/admin/units", "residents", _("Units")), _ADMINS),
        (Place("health", "/admin/health", "technical", _("Health of the service")), _ADMINS),
        (Place("audit", "/admin/audit", "late", _("Audit")), _ADMINS),
    ]
