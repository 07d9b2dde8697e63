"""What one would do instead, no weaker than where it is described, on the same events."""
