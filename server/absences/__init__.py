"""When a resident is away or has paused the service; each has an end."""
