"""The callables by topic: each a request, a role, and one call into a use case."""
