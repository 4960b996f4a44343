"""Policies as they are stored, and as the rules read them."""

import logging
from datetime import time, timedelta
from typing import Any

from server.escalation.rules import AtNight, Policy, QuietHours, Step, Who

_LOG = logging.getLogger(__name__)


def steps_json(policy: Policy) -> list[dict[str, Any]]:
    """Return the steps as they are stored."""
    return [
        {
            "who": step.who.value, "answer_within_s": step.answer_within.total_seconds(), "named": step.named,
            "from_severity": int(step.from_severity), "at_night": step.at_night.value,
        }
        for step in policy.steps
    ]  # fmt: skip


def quiet_json(policy: Policy) -> dict[str, str] | None:
    """Return the quiet hours as they are stored."""
    quiet = policy.quiet
    return None if quiet is None else {"start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}"}


def policy_from(steps: list[dict[str, Any]], quiet: dict[str, str] | None) -> Policy:
    """Return a stored policy.

    Raises:
        ValueError: what is stored is none.
    """
    try:
        read = tuple(_step(step) for step in steps)
        hours = None if quiet is None else QuietHours(*(time.fromisoformat(quiet[name]) for name in ("start", "end")))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no policy: {type(error).__name__}") from error
    if not read:
        raise ValueError("no policy: it has no steps")
    return Policy(read, hours)


def policy_or(steps: list[dict[str, Any]], quiet: dict[str, str] | None, otherwise: Policy, whose: str) -> Policy:
    """Return a stored policy, or another one when it cannot be read: nobody's alert waits for a repair."""
    try:
        return policy_from(steps, quiet)
    except ValueError:
        _LOG.exception("the policy of %s cannot be read; the built-in one holds", whose)
        return otherwise


def _step(step: dict[str, Any]) -> Step:
    return Step(
        Who(step["who"]),
        timedelta(seconds=step["answer_within_s"]),
        step.get("named"),
        step.get("from_severity", 10),
        AtNight(step.get("at_night", "tell")),
    )
