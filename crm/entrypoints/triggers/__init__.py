"""A part of crm.entrypoints.triggers."""
