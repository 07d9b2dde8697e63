"""Crm.toml: where the host keeps its orders and users, and what its words mean."""
