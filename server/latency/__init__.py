"""How long alerts take from step to step, and a watchdog that says so when the chain slows."""
