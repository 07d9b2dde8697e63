"""Bringing customers up to the host's documents: what every event, sweep and rebuild calls.

Import `sync.Sync`: `sync_order` and `sync_user` are the only two ways in. `order_plan` and
`user_plan` decide, `order_route` says whose an order is, `tombstones` whose it must not be again,
`quarantine` keeps what cannot be understood, `catalogue` what the orders' events are called.
"""
