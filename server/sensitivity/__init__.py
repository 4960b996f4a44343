"""How often people wish to be told wrongly, and what their ratings of alerts make of it."""
