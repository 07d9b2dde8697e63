"""The list as a file, and the link out of it."""
