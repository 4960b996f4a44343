"""Scenarios: what is made to happen in a simulated home, what should be alerted of it, and what must not be."""
