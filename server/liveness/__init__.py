"""Which gateways have gone quiet."""
