"""A home day by day: its minutes by the clock on the wall, and what a day and its night were like."""
