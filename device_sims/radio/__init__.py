"""The air of one simulated home: a socket on which sensors are heard, and the bleak scanner that listens to it."""
