"""Simulated homes as their testers see and steer them. In test mode only."""
