"""What people decided about marketing, and what shows it."""
