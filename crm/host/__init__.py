"""The host's own documents: read, understood, redacted; never owned."""
