"""How a gateway comes to its name, its secret and its broker."""
