"""What an ordinary day in one home looks like, and what is unusual; pure, without input or output."""
