"""Looks at each home when it is due, with the learned routine."""
