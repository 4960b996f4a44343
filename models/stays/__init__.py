"""What lasts too long, or is too much, seen in single facts: a stay in the bathroom, an empty bed, an open door, cold
rooms, an absence, a measurement on the body.

`learning.learn_stays` learns from a home's past how long each usually lasts; `StayRoutine.limits` turns that and a
budget into lengths; `state.advance` follows one home with them. Nothing polls: each look says when time itself would
next make a finding.
"""  # noqa: D205 - one sentence
