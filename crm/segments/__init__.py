"""Questions about customers: the language of segments, and what it means."""
