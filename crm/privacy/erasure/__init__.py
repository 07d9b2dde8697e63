"""A part of crm.privacy.erasure."""
