"""Who may sign in, and which residents each may see."""
