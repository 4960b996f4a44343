"""The words for why something was noticed: whole sentences with figures, never put together from pieces of English.

What a reader needs comes first: the reason, then how sure it is, what would end it, and where somebody was last seen.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType

from caregiver_ui.agreed_words import AGREED_REASONS
from caregiver_ui.fault_words import FAULT_REASONS
from caregiver_ui.language import Speech
from caregiver_ui.sentences import Figures, Lines, Sentence, at_place, minutes_in, moment_in
from caregiver_ui.trend_words import TREND, trend_lines
from caregiver_ui.vital_words import vital_figure, vital_name, vital_unit
from caregiver_ui.words import N_, in_room
from gateway.contract.observation import SensorKind
from server.alerting.service import Reason

_LEARNED = "learned_from"


def why_lines(
    speech: Speech, reasons: Iterable[Reason], zone: tzinfo, now: datetime, *, is_over: bool = False
) -> Lines:
    """Return all there is to say, in the order in which it is read; of what is over, not what would end it.

    `zone`: the home's.
    """
    every = tuple(reasons)
    about = [reason for reason in every if reason.key != _LEARNED and reason.key not in _ENDINGS]
    lines = [line for reason in about for line in reason_lines(speech, reason.key, reason.figures, zone, now)]
    lines += _sure(speech, every)
    if not is_over:
        lines += [speech.gettext(_ENDS[reason.key]) for reason in every if reason.key in _ENDS][:1]
    lines += next((last for reason in about if (last := _last_seen(speech, reason.figures, zone, now))), ())
    if any(reason.key.startswith(TREND) for reason in every):
        lines.append(speech.gettext("It may also be the sensors: a weak battery or radio makes them notice less."))
    return tuple(lines)


def reason_lines(speech: Speech, key: str, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    """Return one reason: the sentence that says most, then what there is to add.

    A reason or a figure that these pages do not know is said as such: an alert is never shown without a reason.
    """
    if key in _ENDINGS:
        return (speech.gettext(_ENDS[key]),)
    if key.startswith(TREND):
        told = trend_lines(speech, key, figures)
        if told:
            return told
    sentence = _REASONS.get(key)
    if sentence is None:
        return (speech.gettext("The service gives a reason this page has no words for ({key}).").format(key=key),)
    return sentence(speech, figures, zone, now)


def _sure(speech: Speech, reasons: Iterable[Reason]) -> Lines:
    """Say from how much it was learned, once: some reasons bring it as a figure of theirs."""
    for reason in sorted(reasons, key=lambda each: each.key != _LEARNED):
        days = reason.figures.get("days" if reason.key == _LEARNED else "learned_days")
        if days is not None:
            return _learned(speech, int(days))
    return ()


def _learned(speech: Speech, days: int) -> Lines:
    if not days:
        return (speech.gettext("Nothing is learned of this home yet: what holds for many homes applies."),)
    return (
        speech.ngettext("Learned from {n} day in this home.", "Learned from {n} days in this home.", days).format(
            n=days
        ),
    )


def _last_seen(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    seen = moment_in(figures.get("last_seen_at"))
    if seen is None:
        return ()
    last = speech.gettext("Last movement was{where} {moment}.")
    lines = (last.format(where=in_room(speech, figures.get("last_room")), moment=speech.moment(seen, zone, now)),)
    return (
        (*lines, speech.gettext("That was just after an outer door: maybe nobody is in."))
        if figures.get("out")
        else lines
    )


def _longer(short: str, full: str) -> Sentence:
    """Say how long something has lasted, and from when on that is unusual, where it is known."""

    def sentence(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
        usual = figures.get("usual_minutes")
        text = speech.gettext(short if usual is None else full)
        return (text.format(span=speech.span(minutes_in(figures, "minutes")), usual=speech.span(int(usual or 0))),)

    return sentence


_STILL = _longer(N_("No movement for {span}."), N_("No movement for {span}. Usual at this hour is under {usual}."))


def _no_movement(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    lines = _STILL(speech, figures, zone, now)
    if figures.get("minutes") and figures["minutes"] == figures.get("usual_minutes"):  # a line drawn for every home
        text = speech.gettext("No movement for {span}. While the home is hardly known, more than {usual} is told.")
        span, usual = (speech.span(minutes_in(figures, name)) for name in ("minutes", "usual_minutes"))
        lines = (text.format(span=span, usual=usual),)
    unseen = speech.gettext("A sensor is silent there: movement{where} is not seen.")
    return (*lines, *(unseen.format(where=in_room(speech, room)) for room in figures.get("unseen_rooms") or ()))


def _elsewhere(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    n = minutes_in(figures, "minutes")
    text = speech.ngettext(
        "Meanwhile there was movement elsewhere in {n} minute.",
        "Meanwhile there was movement elsewhere in {n} minutes.",
        n,
    )
    return (text.format(n=n),)


def _up_at_night(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    n, usual = minutes_in(figures, "active_minutes"), minutes_in(figures, "usual_minutes")
    if n >= usual:
        active = speech.ngettext(
            "Movement in {n} minute of the last hour. Usual at this hour is under {usual}.",
            "Movement in {n} minutes of the last hour. Usual at this hour is under {usual}.",
            n,
        ).format(n=n, usual=speech.span(usual))
    else:  # not how much it was is unusual, but where
        active = speech.ngettext(
            "Movement in {n} minute of the last hour.", "Movement in {n} minutes of the last hour.", n
        ).format(n=n)
    return (active, *_unlike_other_nights(speech, figures), *_moved(speech, int(figures.get("moves") or 0)))


def _unlike_other_nights(speech: Speech, figures: Figures) -> Lines:
    if not figures.get("place"):
        return ()
    text = speech.gettext("{n} of them{where}: on nine nights of ten it is under {usual} there at this hour.")
    where, usual = in_room(speech, figures["place"]), speech.span(minutes_in(figures, "usual_place_minutes"))
    return (text.format(n=minutes_in(figures, "place_minutes"), where=where, usual=usual),)


def _moved(speech: Speech, n: int) -> Lines:
    if not n:
        return ()
    text = speech.ngettext("Went from one room to another {n} time.", "Went from one room to another {n} times.", n)
    return (text.format(n=n),)


def _left(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    span = speech.span(minutes_in(figures, "minutes"))
    text = speech.gettext("An outer door was used {clock}, and nothing has been heard for {span}.")
    return (text.format(clock=figures.get("door_at") or "–", span=span),)


def _visits(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    lines = []
    for hours, counted, usual in ((24, "day", "usual_day"), (48, "two_days", "usual_two_days")):
        n = int(figures.get(counted) or 0)
        text = speech.ngettext(
            "{n} visit to the bathroom in {hours} hours. Usual is {usual}.",
            "{n} visits to the bathroom in {hours} hours. Usual is {usual}.",
            n,
        )
        lines.append(text.format(n=n, hours=hours, usual=speech.tenths(float(figures.get(usual) or 0))))
    return tuple(lines)


def _learned_from(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    return _learned(speech, int(figures.get("days") or 0))


def _cold(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    n = int(figures.get("hours") or 0)
    text = speech.ngettext(
        "It is {celsius} °C in the coldest room, and has been too cold for {n} hour. The limit there is {limit} °C.",
        "It is {celsius} °C in the coldest room, and has been too cold for {n} hours. The limit there is {limit} °C.",
        n,
    )
    celsius, limit = (speech.tenths(float(figures.get(name) or 0)) for name in ("celsius", "limit_celsius"))
    return (text.format(n=n, celsius=celsius, limit=limit),)


def _vital(text: str) -> Sentence:
    def sentence(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
        measure = str(figures.get("measure") or "")
        if measure not in set(SensorKind):
            return (speech.gettext("A measurement is unusual."),)
        kind = SensorKind(measure)
        name, unit = vital_name(speech, kind), vital_unit(speech, kind)
        told = {each: vital_figure(speech, kind, float(figures.get(each) or 0)) for each in ("value", "limit")}
        lines = [speech.gettext(text).format(measure=name, unit=unit, **told)]
        if figures.get("usual") is not None:
            usual = vital_figure(speech, kind, float(figures["usual"]))
            lines.append(speech.gettext("Usual for this resident is {usual} {unit}.").format(usual=usual, unit=unit))
        return tuple(lines)

    return sentence


def _weight(text: str) -> Sentence:
    def sentence(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
        value, changed = (speech.tenths(abs(float(figures.get(name) or 0))) for name in ("value", "changed"))
        lines = [speech.gettext(text).format(value=value, changed=changed)]
        if figures.get("usual") is not None:
            usual = speech.tenths(float(figures["usual"]))
            lines.append(speech.gettext("Usual for this resident is {usual} {unit}.").format(usual=usual, unit="kg"))
        return tuple(lines)

    return sentence


def _pressed(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    times = int(figures.get("times") or 1)
    text = speech.ngettext(
        "The help button was pressed{where}.", "The help button was pressed {times} times{where}.", times
    )
    return (text.format(where=in_room(speech, figures.get("room")), times=times),)


def _nobody_on_duty(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    since = moment_in(figures.get("since"))
    text = speech.gettext("Somebody should be on duty since {moment}, and nobody has started.")
    do = speech.gettext("Call whoever is planned, or start duty yourself: alerts go to everyone until then.")
    return (text.format(moment="–" if since is None else speech.moment(since, zone, now)), do)


_REASONS: Mapping[str, Sentence] = MappingProxyType(
    {
        "no_movement_for": _no_movement,
        "not_up_for": _longer(
            N_("No movement outside the bedroom for {span}."),
            N_("No movement outside the bedroom for {span}. Usual at this hour is under {usual}."),
        ),
        "no_kitchen_for": _longer(
            N_("Nobody has been in the kitchen for {span}."),
            N_("Nobody has been in the kitchen for {span}. Usual at this hour is under {usual}."),
        ),
        "meanwhile_elsewhere": _elsewhere,
        "up_at_night": _up_at_night,
        "left_and_not_back": _left,
        "many_bathroom_visits": _visits,
        "learned_from": _learned_from,
        "in_bathroom_for": _longer(
            N_("In the bathroom for {span}."), N_("In the bathroom for {span}. Usual is under {usual}.")
        ),
        "out_of_bed_for": _longer(
            N_("Out of bed for {span} at night."), N_("Out of bed for {span} at night. Usual is under {usual}.")
        ),
        "away_for": _longer(N_("Away from home for {span}."), N_("Away from home for {span}. Usual is under {usual}.")),
        "door_open_for": _longer(
            N_("The door has stood open for {span}."), N_("The door has stood open for {span}. Usual is under {usual}.")
        ),
        "cold_for": _cold,
        "vital_outside_limits": _vital(
            N_("{measure} {value} {unit}: beyond what is safe for anybody ({limit} {unit}).")
        ),
        "vital_unusual": _vital(
            N_("{measure} {value} {unit}: beyond what is usual for this resident ({limit} {unit}).")
        ),
        "weight_gained": _weight(N_("The weight is {value} kg: {changed} kg more within three days.")),
        "weight_lost": _weight(N_("The weight is {value} kg: {changed} kg less than usual.")),
        "pressed": _pressed,
        "pulled": at_place(N_("The cord was pulled{where}.")),
        "smoke": at_place(N_("The smoke detector{where} reports smoke.")),
        "water": at_place(N_("The water detector{where} reports water.")),
        "fall": at_place(N_("A fall sensor{where} reports a fall.")),
        "nobody_on_duty": _nobody_on_duty,
        **FAULT_REASONS,
        **AGREED_REASONS,
    }
)

# What would end it: told as a reason of its own, or known from what lasts.
_ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "ends_with_movement": N_("It ends when movement is heard."),
        "ends_with_movement_out_of_bed": N_("It ends when there is movement outside the bedroom."),
        "ends_with_kitchen": N_("It ends when somebody is in the kitchen."),
        "ends_with_quiet": N_("It ends when it has been quiet for a while."),
        "ends_with_return": N_("It ends when movement is heard in the home."),
        "ends_after_a_day": N_("It ends when a day has brought no more visits than usual."),
    }
)
_ENDS: Mapping[str, str] = MappingProxyType(
    {
        **_ENDINGS,
        "no_movement_for": N_("It ends when movement is heard."),
        "in_bathroom_for": N_("It ends when there is movement in another room."),
        "out_of_bed_for": N_("It ends when somebody lies in the bed again, or gets up for the day."),
        "away_for": N_("It ends when movement is heard in the home."),
        "door_open_for": N_("It ends when the door is closed."),
        "cold_for": N_("It ends when it is warmer."),
        "vital_outside_limits": N_("It ends with a measurement that is as usual."),
        "vital_unusual": N_("It ends with a measurement that is as usual."),
        "weight_gained": N_("It ends with a measurement that is as usual."),
        "weight_lost": N_("It ends with a measurement that is as usual."),
    }
)
