"""Words to a person: one outbox, one row for each message."""
