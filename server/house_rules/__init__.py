"""Rules that people agree on for one resident, with windows of time."""
