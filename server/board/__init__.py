"""The board of devices, which cannot lie, and the board on the wall of a duty room."""
