"""Every page there is, with who looks at it: for the pictures, and for what is asked of every page."""

from dataclasses import dataclass

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it is looked at. `who` is a username; in `path`, `{critical}` and the like are alerts' codes."""

    who: str
    route: str
    path: str = ""

    @property
    def address(self) -> str:
        return self.path or self.route


# By the name of the picture.
EVERY_PAGE = {
    "sign-in": Seen(NOBODY, "/sign-in"),
    "showcase": Seen(NOBODY, "/showcase"),
    "accessibility": Seen(NOBODY, "/accessibility"),
    "error": Seen("maria", "/residents/{resident_id}", "/residents/nobody"),
    "offline": Seen(NOBODY, "/offline"),
    # Nurse
    "alerts": Seen("maria", "/"),
    "alerts-taken": Seen("maria", "/", "/?group=taken"),
    "alerts-closed": Seen("maria", "/", "/?group=closed"),
    "alerts-nynorsk": Seen("jonas", "/"),
    "alert-critical": Seen("maria", "/alerts/{alert_id}", "/alerts/{critical}"),
    "alert-inactivity": Seen("maria", "/alerts/{alert_id}", "/alerts/{inactivity}"),
    "alert-mine": Seen("jonas", "/alerts/{alert_id}", "/alerts/{taken}"),
    "alert-asked": Seen("maria", "/alerts/{alert_id}", "/alerts/{asked}"),
    "alert-happening": Seen("maria", "/alerts/{alert_id}", "/alerts/{happening}"),
    "alert-closed": Seen("siri", "/alerts/{alert_id}", "/alerts/{closed}"),
    "residents": Seen("maria", "/residents"),
    "resident": Seen("maria", "/residents/{resident_id}", "/residents/res-03"),
    "resident-paused": Seen("maria", "/residents/{resident_id}", "/residents/res-06"),
    "routine": Seen("siri", "/residents/{resident_id}/routine", "/residents/res-03/routine"),
    "routine-tried": Seen("siri", "/residents/{resident_id}/routine", "/residents/res-03/routine?budget=2.0#setting"),
    "routine-young": Seen("maria", "/residents/{resident_id}/routine", "/residents/res-06/routine"),
    "plans": Seen("maria", "/residents/{resident_id}/plans", "/residents/res-03/plans"),
    "plan": Seen("maria", "/residents/{resident_id}/plan", "/residents/res-03/plan"),
    "resident-messages": Seen("maria", "/residents/{resident_id}/messages", "/residents/res-01/messages"),
    "resident-sharing": Seen("maria", "/residents/{resident_id}/sharing", "/residents/res-01/sharing"),
    "relative-view": Seen("siri", "/residents/{resident_id}/sharing/{relative}", "/residents/res-01/sharing/{kari}"),
    "duty": Seen("maria", "/duty"),
    "duty-admin": Seen("arild", "/duty"),
    "handover": Seen("maria", "/duty/handover"),
    "rota": Seen("maria", "/duty/rota"),
    "devices": Seen("tove", "/devices"),
    "device-home": Seen("maria", "/devices/homes/{home}", "/devices/homes/home-07"),
    "rounds": Seen("siri", "/rounds"),
    "round": Seen("jonas", "/rounds/{round_id}", "/rounds/{round}"),
    "rules": Seen("siri", "/residents/{resident_id}/rules", "/residents/res-03/rules"),
    "rules-young": Seen("maria", "/residents/{resident_id}/rules", "/residents/res-06/rules"),
    "rules-new": Seen("siri", "/residents/{resident_id}/rules", "/residents/res-03/rules?kind=too_many#form"),
    "looks-new": Seen("siri", "/residents/{resident_id}/rules", "/residents/res-03/rules?planning=true#plan"),
    "unit-calendar": Seen("maria", "/calendar"),
    "settings": Seen("maria", "/settings"),
    # Relative
    "status-followed": Seen("kari", "/status"),
    "status-normal": Seen("nina", "/status"),
    "status-unknown": Seen("lars", "/status"),
    "messages": Seen("kari", "/messages"),
    "sharing": Seen("kari", "/sharing"),
    # Resident
    "me": Seen("inger", "/me"),
    "me-paused": Seen("solveig", "/me"),
    "own-access": Seen("inger", "/me/access"),
    # Staff
    "overview": Seen("siri", "/overview"),
    "development": Seen("siri", "/residents/{resident_id}/development", "/residents/res-03/development"),
    "development-nights": Seen(
        "siri", "/residents/{resident_id}/development", "/residents/res-03/development?rows=noon#days"
    ),
    "access": Seen("siri", "/residents/{resident_id}/access", "/residents/res-03/access"),
    "figures": Seen("siri", "/figures"),
    "screens": Seen("siri", "/board/screens"),
    "board": Seen("maria", "/board"),
    "board-open": Seen(NOBODY, "/board"),
    # Tester
    "simulations": Seen("tove", "/simulations"),
    # Administrator
    "policies": Seen("arild", "/admin/policies"),
    "policies-technical": Seen("arild", "/admin/policies", "/admin/policies?about=technical"),
    "policies-change": Seen("arild", "/admin/policies", "/admin/policies?change=true#change"),
    "people": Seen("arild", "/admin/people"),
    "person": Seen("arild", "/admin/people/{username}", "/admin/people/kari"),
    "units": Seen("arild", "/admin/units"),
    "homes": Seen("arild", "/admin/residents"),
    "home": Seen("arild", "/admin/residents/{home_code}", "/admin/residents/home-01"),
    "audit": Seen("arild", "/admin/audit"),
    "health": Seen("arild", "/admin/health"),
}

# Looked at by test_tester_plays, which lets somebody live in a simulated home.
SEEN_ELSEWHERE = {"/simulations/{home}"}
# What a browser fetches, and addresses that only lead on to another.
NO_PAGES = {
    "/healthz",
    "/live",
    "/board/live",
    "/static/{version}/{name}",
    "/sw.js",
    "/manifest.webmanifest",
    "/icon-{size}.png",
    "/figures.csv",
    "/sensors",
    "/technical",
}
