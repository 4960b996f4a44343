"""How well the models find what was put into real traces, and how often they disturb for nothing."""
