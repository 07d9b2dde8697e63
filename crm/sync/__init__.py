"""Bringing customers up to the host's documents: what every event, sweep and rebuild calls."""
