"""What one process works with: services, logs, the right key."""
