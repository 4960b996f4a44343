"""What one shift hands over to the next: notes, how things stand, and two signatures."""
