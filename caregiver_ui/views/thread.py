"""The thread between relatives and the team as people read it, and the tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from server.relatives.tasks import TaskView
from server.relatives.thread import MessageView


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message."""

    id: str
    by: str
    when: str
    text: str
    of_team: bool
    is_mine: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task. `done`: by whom and when; empty while it is to be done."""

    id: str
    title: str
    who: str
    until: str
    is_late: bool
    done: str


def message_lines(speech: Speech, messages: Sequence[MessageView], zone: ZoneInfo, now: datetime) -> list[MessageLine]:
    """Return the messages, oldest first."""
    team = speech.gettext("{name}, the home-care service")
    return [
        MessageLine(
            one.id,
            speech.gettext("You") if one.is_mine else (team.format(name=one.by) if one.of_team else one.by),
            speech.moment(one.at, zone, now),
            one.text,
            one.of_team,
            one.is_mine,
            one.is_new,
        )
        for one in messages
    ]


def task_lines(speech: Speech, tasks: Sequence[TaskView], zone: ZoneInfo, now: datetime) -> list[TaskLine]:
    """Return the tasks, what is to be done first."""
    return [_line(speech, task, zone, now) for task in tasks]


def _line(speech: Speech, task: TaskView, zone: ZoneInfo, now: datetime) -> TaskLine:
    today = now.astimezone(zone).date()
    done = ""
    if task.done_at is not None:
        moment = speech.moment(task.done_at, zone, now)
        done = speech.gettext("Done by {name}, {moment}").format(name=task.done_by or "", moment=moment)
    who = speech.gettext("You") if task.is_mine else task.who or speech.gettext("The home-care service")
    return TaskLine(task.id, task.title, who, _day(speech, task.until, today), not done and task.until < today, done)


def _day(speech: Speech, day: date, today: date) -> str:
    if day == today:
        return speech.gettext("by today")
    return speech.gettext("by {day}").format(day=speech.short_day(day))
