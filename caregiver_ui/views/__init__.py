"""What each page shows, in words ready to be set: the templates only place them."""
