"""What goes wrong with an installation: power, network, clock, broker, server. Each can be named, begun and ended."""
