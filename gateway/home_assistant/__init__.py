"""A home's own Home Assistant: it may be shown some sensors, and may hear some for us."""
