"""Making a release: the wheel, the lock of what it needs, and what is known against that."""
