"""From a message on the broker to a stored fact, a receipt, or a quarantine row."""
