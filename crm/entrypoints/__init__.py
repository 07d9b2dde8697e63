"""Everything that somebody outside calls: callables, HTTP, triggers, the command."""
