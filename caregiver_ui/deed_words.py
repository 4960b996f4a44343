"""The words for what the audit calls deeds: for whoever is looked at, and for those who must answer for it."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_

# By the audit's own word. What begins alike is one deed with several words: see `deed_words`.
DEEDS = MappingProxyType(
    {
        "looked at": N_("Looked"),
        "audit read": N_("Read the audit"),
        "read messages": N_("Read messages"),
        # A resident's days
        "absence set": N_("Set a pause or an absence"),
        "absence changed": N_("Changed a pause or an absence"),
        "absence ended": N_("Ended a pause or an absence"),
        "visit planned": N_("Planned a visit"),
        "visit cancelled": N_("Cancelled a visit"),
        "visits imported": N_("Imported planned visits"),
        "staff arrived": N_("Said: I am with the resident"),
        "staff left": N_("Said: I am leaving the resident"),
        "looks planned": N_("Planned digital supervision"),
        "looks ended": N_("Ended digital supervision"),
        "supervision seen": N_("Saw in a supervision round that all is well"),
        "supervision spoken": N_("Spoke with the resident in a supervision round"),
        "supervision visit": N_("Asked for a visit in a supervision round"),
        "supervision visited": N_("Went there in a supervision round"),
        "round signed": N_("Signed a supervision round"),
        "plan made": N_("Made a plan"),
        "plan ended": N_("Ended a plan"),
        "activity entered": N_("Wrote down an activity"),
        "activity taken back": N_("Took an activity back"),
        "development noted": N_("Wrote a note on the development"),
        # Alerts
        "alert raised": N_("An alert was raised"),
        "alert taken": N_("Took an alert"),
        "alert on_the_way": N_("Was on the way"),
        "alert arrived": N_("Was with the resident"),
        "alert closed": N_("Closed an alert"),
        "alert rated": N_("Rated an alert"),
        "alert left": N_("Put an alert back in the queue"),
        "alert forwarded": N_("Forwarded an alert"),
        "alert still_on_it": N_("Said: I am still on it"),
        "alert reopened": N_("Re-opened an alert"),
        "alert confirmed": N_("Agreed that no visit was needed"),
        "alert relative_goes": N_("Said: I go there"),
        "alert relative_cannot": N_("Said: I can not go there"),
        "chain mended": N_("An alert that had been left was sent on"),
        "message refused": N_("A message that was not meant for its receiver was stopped"),
        # What is watched for
        "agreed rule set": N_("Agreed on what to watch for"),
        "agreed rule on": N_("Switched on what to watch for"),
        "agreed rule off": N_("Switched off what to watch for"),
        "agreed rule muted": N_("Muted what to watch for"),
        "agreed rule unmuted": N_("Lifted a muting"),
        "agreed rule removed": N_("Removed what to watch for"),
        "kind muted": N_("Muted a kind of alert"),
        "muting lifted": N_("Lifted a muting"),
        "sensitivity set": N_("Changed how easily alerts are raised"),
        "policy set": N_("Changed an escalation policy"),
        "policy dropped": N_("Removed an escalation policy"),
        # Relatives
        "agreement noted": N_("Wrote down what a relative may see"),
        "agreement withdrawn": N_("Withdrew what a relative may see"),
        "wishes noted": N_("Chose when to be told"),
        "company noted": N_("Said: somebody is with the resident"),
        "company ended": N_("Said: nobody is with the resident any longer"),
        "message written": N_("Wrote a message"),
        "task made": N_("Asked for help with a task"),
        "task done": N_("Did a task"),
        "task not done": N_("Said that a task is not done"),
        # Duty
        "duty begun": N_("Began the duty"),
        "stands in": N_("Stands in for another unit"),
        "duty ended": N_("Ended the duty"),
        "duty test sent": N_("Sent a test alert to the telephone"),
        "successor named": N_("Handed the duty to a colleague"),
        "shift planned": N_("Planned a duty"),
        "shift removed": N_("Removed a planned duty"),
        "note written": N_("Wrote a note for the next duty"),
        "note removed": N_("Removed a note for the next duty"),
        "hand-over signed by the leaving": N_("Signed the hand-over, leaving"),
        "hand-over signed by the coming": N_("Signed the hand-over, coming"),
        "own addresses changed": N_("Changed own telephone number or address"),
        "own channels changed": N_("Chose how to be told"),
        "push begun": N_("Let a device be told"),
        "push ended": N_("No longer lets a device be told"),
        # People, homes and devices
        "unit made": N_("Made a unit"),
        "unit changed": N_("Changed a unit"),
        "account made": N_("Made an account"),
        "account changed": N_("Changed an account"),
        "account closed": N_("Closed an account"),
        "account opened again": N_("Opened an account again"),
        "password reset": N_("Made a new password for an account"),
        "home made": N_("Made a home"),
        "home changed": N_("Changed a home"),
        "sensor kept": N_("Set up a sensor"),
        "sensor removed": N_("Removed a sensor"),
        "sensor replaced": N_("Replaced a sensor"),
        "sensor test started": N_("Started the test of a sensor"),
        "sensor test ended": N_("Ended the test of a sensor"),
        "sensor test received": N_("A sensor passed its test"),
        "sensor has a new battery": N_("Changed a battery"),
        "device comment": N_("Wrote a comment on a device"),
        "device snooze": N_("Put a device's fault off"),
        "device snooze ended": N_("No longer puts a device's fault off"),
        "enrolment code made": N_("Made a one-time code for a gateway"),
        "gateway enrolled": N_("A gateway got its key"),
        "gateway revoked": N_("Shut a gateway out"),
        "certificate renewed": N_("A gateway renewed its certificate"),
        "configuration renewed": N_("A gateway was sent its set-up again"),
        "screen made": N_("Made a link for a wall screen"),
        "screen opened": N_("A wall screen was opened"),
        "screen ended": N_("Ended a wall screen"),
        "simulation start": N_("Started a simulated home"),
        "simulation stop": N_("Stopped a simulated home"),
        "simulation speed": N_("Changed the speed of a simulated home"),
        "simulation scenario": N_("Let something happen in a simulated home"),
        "simulation fault": N_("Broke something in a simulated home"),
        "simulation mend": N_("Mended something in a simulated home"),
    }
)
_PURPOSES = MappingProxyType(
    {
        "follow-up": N_("follow-up"),
        "sharing": N_("what is shared with whom"),
        "administration": N_("administration"),
        "plan": N_("the resident's plan"),
        "digital supervision": N_("digital supervision"),
    }
)
_THINGS = MappingProxyType(
    {
        "resident": N_("Resident"),
        "alert": N_("Alert"),
        "person": N_("Person"),
        "unit": N_("Unit"),
        "home": N_("Home"),
        "gateway": N_("Gateway"),
        "sensor": N_("Sensor"),
        "device": N_("Device"),
        "screen": N_("Wall screen"),
        "round": N_("Supervision round"),
        "rule": N_("What to watch for"),
        "handover": N_("Hand-over"),
        "duty": N_("Duty"),
        "shift": N_("Duty"),
        "plan": N_("Plan"),
        "activity": N_("Activity"),
        "task": N_("Task"),
        "company": N_("Company"),
        "message": N_("Message"),
        "notification": N_("Message"),
        "policy": N_("Escalation policy"),
    }
)
_ANOTHER = N_("Another change")


def deed_words(speech: Speech, deed: str) -> str:
    """Return what was done. A deed without words, of an older or a newer service, is another change."""
    return speech.gettext(DEEDS.get(deed, _ANOTHER))


def purpose_words(speech: Speech, why: str) -> str:
    """Return what somebody looked for; empty for what is no purpose."""
    return speech.gettext(_PURPOSES[why]) if why in _PURPOSES else ""


def thing_words(speech: Speech, about: str) -> str:
    """Return the kind of thing a deed is about, and its opaque name; what is no such thing as it is."""
    kind, _, name = about.partition(":")
    if kind not in _THINGS:
        return about
    return " ".join((speech.gettext(_THINGS[kind]), name))
