"""Are the simulated homes like real ones? Their rhythm against that of the TIHM homes."""
