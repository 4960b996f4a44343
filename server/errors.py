"""What can go wrong in the service, as types.

ServerError
├── NotFoundError             404: no such thing, or not for this person to see
├── NotAllowedError           403: the role may not do this
├── AlertNotOpenError         409: the alert is closed
├── AlertTakenError           409: somebody else has it
├── ReopenError               409: too late to undo, or a newer alert of the kind is open
├── VisitFirstError           409: called again and nobody was there: visit, or let a second person confirm
├── NoRepeatError             409: no repeated call to confirm
├── SamePersonError           422: it takes somebody else than oneself
├── NoColleagueError          422: this person cannot open the alert
├── StaleVersionError         409: the alert changed since the page was drawn
├── LastOnDutyError           409: nobody else is on duty, and somebody must be
├── ShiftError                422: a shift cannot be planned; it says why, and names the other shift where two overlap
├── RotaError                 422: a file of shifts cannot be used; what is wrong in which line. Nothing of it is kept
├── HandoverError             409: a hand-over is signed, or not to be signed by this person now
├── UnrateableError           422: alerts of this kind have no threshold that ratings could move
├── UnfitError                422: what was filled in cannot be used; what is wrong, by field
├── AbsenceTimesError         422: an absence has no such times; the text says why
├── AbsenceOverlapsError      409: one of this kind holds in that time already
├── VisitTimesError           422: a planned visit has no such times
├── CalendarError             422: a file is no calendar that can be read; it says why, and in which line
├── PolicyError               422: a policy could end on a single phone or on nobody; the text says why
├── NotRehearsedError         422: nobody has seen what a rule would have brought, so it cannot be switched on
├── TooLongMutedError         422: a muting ends in the past, or too far ahead
├── RoundSignedError          409: a supervision round is signed already
├── RoundNotOpenError         409: it is not time for a round
├── UnmarkedError             422: not every resident of a round has been looked at
├── PictureChangedError       409: what is known of a resident changed since the page was drawn
├── NotKnownError             422: nobody can be seen to be well whose home is not known
├── OrderError                422: a simulated home does not offer what a tester asks of it
├── MarkError                 422: what somebody says of a device cannot be kept; the text says why
├── ContactError              422: no address, number or channel by which a person could be reached
├── NoteError                 422: a note is empty or too long
├── WrongCodeError            403: a gateway's one-time code is wrong, used or too old
├── UnsignableError           422: what a gateway sent is no request for a certificate
├── AuthorityError            the installation's certificate authority cannot be used; the text says what to do
├── WrongCredentialsError     401: user name or password is wrong
├── TooManyAttemptsError      429: wait before the next attempt
└── ProvisioningError         a file of homes and people cannot be used; the text says where and why
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


class ServerError(Exception):
    """The root of this tree."""


class NotFoundError(ServerError):
    """No such thing, or not for this person to see: the two are told alike."""


class NotAllowedError(ServerError):
    """The role may not do this."""


class AlertNotOpenError(ServerError):
    """The alert is closed."""


class AlertTakenError(ServerError):
    """Somebody else has the alert."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"taken by {by}")
        self.by = by
        self.at = at


class ReopenError(ServerError):
    """The alert is open, was closed too long ago or by the service, or a newer one of its kind is open."""


class VisitFirstError(ServerError):
    """Somebody called again and nobody was there since: visit them, or let a second person confirm."""


class NoRepeatError(ServerError):
    """Nobody called twice without a visit; there is nothing to confirm."""


class SamePersonError(ServerError):
    """It takes somebody else than oneself."""


class NoColleagueError(ServerError):
    """This person cannot open the alert, or is on the other side of the border between tests and real homes."""


class StaleVersionError(ServerError):
    """The alert changed since the page was drawn; look again and decide again."""


class LastOnDutyError(ServerError):
    """Nobody else is on duty and somebody must be: name who takes over, and stay until they have begun."""


@dataclass(frozen=True, slots=True)
class OtherShift:
    """The shift that stands in the way of another one."""

    person: str
    unit: str
    from_at: datetime
    to_at: datetime


class ShiftError(ServerError):
    """A shift cannot be planned. `fault`: a code that pages have words for; `line`: of a file, counted from 1."""

    def __init__(self, fault: str, *, line: int | None = None, other: OtherShift | None = None, said: str = "") -> None:
        where = "" if line is None else f"line {line}: "
        told = said if other is None else f"{other.unit} {other.from_at.isoformat()} to {other.to_at.isoformat()}"
        super().__init__(where + fault + (f": {told}" if told else ""))
        self.fault = fault
        self.line = line
        self.other = other
        self.said = said


class RotaError(ServerError):
    """A file of shifts cannot be used, and nothing of it is kept. `faults`: what is wrong, line by line."""

    def __init__(self, faults: Sequence[ShiftError]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class HandoverError(ServerError):
    """A hand-over cannot be changed or signed so. `fault`: a code that pages have words for."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class UnrateableError(ServerError):
    """Alerts of this kind have no threshold that ratings could move."""


class UnfitError(ServerError):
    """What was filled in cannot be used. `faults`: by field, what is wrong, as a code that pages have words for."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


class AbsenceTimesError(ServerError):
    """An absence has no such times. `why` is one of few words; `days` where it is about how long."""

    def __init__(self, why: str, days: int = 0) -> None:
        super().__init__(f"{why}: at most {days} days" if days else why)
        self.why = why
        self.days = days


class AbsenceOverlapsError(ServerError):
    """One of this kind holds in that time already: its end can be changed."""


class VisitTimesError(ServerError):
    """A planned visit ends before it begins, lasts longer than a day, or is over."""


class CalendarError(ServerError):
    """A file is no calendar that can be read. `why`: one of few words; `line`: counted from 1, None: of no one line."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why if line is None else f"line {line}: {why}")
        self.why = why
        self.line = line


class NotRehearsedError(ServerError):
    """Nobody has seen what this version of a rule would have brought in the last weeks: try it first."""


class TooLongMutedError(ServerError):
    """A muting ends in the past, or too far ahead."""


class RoundSignedError(ServerError):
    """A supervision round is signed already: what was signed stays as it was."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"signed by {by}")
        self.by = by
        self.at = at


class RoundNotOpenError(ServerError):
    """It is not time for a round yet."""


class UnmarkedError(ServerError):
    """Not every resident of a round has been looked at."""


class PictureChangedError(ServerError):
    """What is known of a resident is another thing now than the page showed; look again."""


class NotKnownError(ServerError):
    """Of a home that is not known nobody can say that all is well there."""


class OrderError(ServerError):
    """A simulated home does not offer what a tester asks of it; the text says what it does."""


class ContactError(ServerError):
    """A person cannot be reached so; `field` says what is wrong: email, phone, channels, push or endpoint."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class PolicyError(ServerError):
    """A policy could end on a single phone or on nobody. `step`: the one at fault, 0 is the first; None: the whole."""

    def __init__(self, kind: str, step: int | None, words: str) -> None:
        super().__init__(words)
        self.kind = kind
        self.step = step


class MarkError(ServerError):
    """What somebody says of a device cannot be kept; `field` is what to mend, the text says how."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class NoteError(ServerError):
    """A note is empty or longer than `longest` letters."""

    def __init__(self, longest: int) -> None:
        super().__init__(f"write something, {longest} letters at most")
        self.longest = longest


class WrongCredentialsError(ServerError):
    """User name or password is wrong; which of them is not told."""


class WrongCodeError(ServerError):
    """A gateway's one-time code is wrong, used or too old; which of them is not told."""


class UnsignableError(ServerError):
    """What a gateway sent is no request for a certificate, or not made by who holds its key."""


class AuthorityError(ServerError):
    """The installation's certificate authority cannot be used. The text says what to do."""


class TooManyAttemptsError(ServerError):
    """Too many wrong passwords; `wait_s` seconds until the next attempt."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


class ProvisioningError(ServerError):
    """A file of homes and people cannot be used; the text says why. `at`: keys and places that lead to it there."""

    def __init__(self, words: str, at: tuple[int | str, ...] = ()) -> None:
        super().__init__(words)
        self.at = at
