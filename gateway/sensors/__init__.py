"""From bytes to measurements, one file for each family of sensors; pure."""
