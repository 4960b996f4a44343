"""Compares what the service alerted with what really happened."""
