"""Everything that crosses the gateway's edge: what it sends, what it is sent, and under which topics."""
