"""Faults of equipment told apart from people: pure, causal, by nothing but events and signs of life.

For a look back over traces (seconds since 1970 UTC everywhere):
- `fleet_replay.fleet_faults(traces, zone) -> dict[home, Faults]`: outages of the whole system; needs all homes at once.
  A home with nothing wrong has no entry.
- `findings.Faults`: `.technical` (`Technical`: fault, channel, started_at, raised_at, ended_at, figures) and `.unseen`
  (`Unseen`: since, known_at, until, channel, is_fault): who it is about cannot be seen; `is_fault` False is a suspicion
  that was taken back. `Faults.of` makes one of several.

- `home_faults.home_faults(trace, zone) -> Faults`: sensors silent or flapping, and the gateway by its signs of life;
  each home for itself.

Live: `fleet.FleetGuard.step` with `fleet_evidence.weigh` of one tick, `silence_habits.learn_silences` each night and
`voices.voices_of` each day; of a home, ask `home_faults` again. Both give what the look back gives (by tests).
"""
