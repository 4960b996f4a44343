"""When staff are to come to a resident, and when they are there."""
