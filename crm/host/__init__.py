"""The host's own documents: read, understood, redacted, never owned.

Import `reader.read_order` and `reader.read_user`, which return an `order.Order` or `order.User`,
or raise `InvalidDocument` with the reason for quarantine; `redaction` for what an erasure leaves.
"""
