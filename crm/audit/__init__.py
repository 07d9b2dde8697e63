"""Who changed what: written with the change, checked, read."""
