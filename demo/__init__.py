"""The demo: real purchases become customers before your eyes. Run `python -m demo`."""
