"""Relatives as a resource: what each may know and when, what they and the team tell each other, where they help."""
