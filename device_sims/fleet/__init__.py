"""Thousands of homes at once: no bytes on the air, but real messages and real receipts."""
