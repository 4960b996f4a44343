"""Who is at work: what was planned, who began, what they hand over, and that it is never nobody."""
