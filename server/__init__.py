"""The service: receives what the homes tell, looks at it, and sees to it that somebody comes."""
