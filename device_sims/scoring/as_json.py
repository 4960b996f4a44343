"""A score as JSON: the figures, and every alert and truth with its verdict."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from device_sims.scoring.figures import Figures
from device_sims.scoring.matching import Judgement


def as_json(found: Figures, judged: Judgement) -> dict[str, Any]:
    """Return plain values: times in ISO 8601, spans in seconds."""
    return {
        "figures": {
            **asdict(found),
            "by_kind": [
                {
                    "label": one.label,
                    "kinds": list(one.kinds),
                    "expected": one.expected,
                    "in_time": one.in_time,
                    "recall": one.recall,
                    "late": one.late,
                    "wrong_kind": one.wrong_kind,
                    "missed": one.missed,
                    "delay_s": {
                        "p50": _seconds(one.delay_p50),
                        "p90": _seconds(one.delay_p90),
                        "max": _seconds(one.delay_max),
                    },
                }
                for one in found.by_kind
            ],
            "false_by_kind": {kind: asdict(one) for kind, one in found.false_by_kind},
        },
        "truths": [
            {
                "home": one.truth.home,
                "label": one.truth.label,
                "kinds": list(one.truth.kinds),
                "begins_at": one.truth.begins_at.isoformat(),
                "within_s": one.truth.within.total_seconds(),
                "verdict": one.verdict or "missed",
                "alerted_as": one.by.kind if one.by else None,
                "delay_s": _seconds(one.delay),
            }
            for one in judged.truths
        ],
        "alerts": [
            {
                "home": one.alert.home,
                "kind": one.alert.kind,
                "class": one.alert.alert_class,
                "raised_at": one.alert.raised_at.isoformat(),
                "verdict": one.verdict,
                "about": one.about.label if one.about else None,
                "violated": one.violated.label if one.violated else None,
                "technical_taken_for_human": one.took_technical_for_human,
            }
            for one in judged.alerts
        ],
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
