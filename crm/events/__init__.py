"""The catalogue of events: what the host's orders call them, and when they begin.

Import `event.Event` for a document of `crmEvents`, and `finding` to find events by id or name.
"""
