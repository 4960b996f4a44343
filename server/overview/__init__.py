"""What staff and relatives see of a resident: the present, the last day and the last week."""
