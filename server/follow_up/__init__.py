"""Follow-up plans: goals after a stay in hospital, say, followed day by day against what was usual before."""
