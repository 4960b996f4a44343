"""Simulated homes: people, sensors and radio, played through the gateway's real code."""
