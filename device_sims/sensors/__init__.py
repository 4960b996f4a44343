"""The sensors of a simulated home: what each one says, as the bytes it would put on the air."""
