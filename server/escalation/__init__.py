"""Who is told next when nobody answers."""
