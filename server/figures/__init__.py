"""How well the service serves, in figures of a unit and a month."""
