"""Slow changes over weeks, for staff to look at by day; never an alarm at night."""
