"""Worlds to test and measure the product in, without the emulator: a store, a host, a recount.

Import `World` from `testing.world`, documents of a host from `testing.hosts`, and count everything
again with `testing.recount`, which shares no code with the product. Tests and `bench` use it alike.
"""
