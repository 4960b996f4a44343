"""The facts from the homes, stored once."""
