"""Sensors one has to connect to: what they measure, fetched when they show themselves."""
