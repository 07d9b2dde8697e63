"""A part of crm.entrypoints.http."""
