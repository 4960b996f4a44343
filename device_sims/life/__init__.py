"""Simulated lives: who lives in a home, what they do all day and night, and what the sensors notice of it."""
