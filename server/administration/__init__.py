"""What administrators do across rooms: homes with all that is in them, gateways, closing accounts, the audit."""
