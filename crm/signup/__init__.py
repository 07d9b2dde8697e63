"""Sign-up with double opt-in: asked for by anybody, granted by who has the mailbox.

Import `asking` to ask an address for its confirmation, and `confirming` for what a click does.
"""
