"""A part of crm.privacy.export."""
