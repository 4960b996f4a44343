"""The pages nurses, relatives and staff see."""
