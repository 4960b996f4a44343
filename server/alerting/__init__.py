"""What somebody must answer, and its life until it is closed."""
