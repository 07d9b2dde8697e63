"""A part of crm.segments.language."""
