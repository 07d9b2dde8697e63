"""A part of crm.segments.engine."""
