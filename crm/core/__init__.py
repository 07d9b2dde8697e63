"""What every package speaks: errors, roles, keys, addresses, money, ids, text and JSON.

Knows no collection and does no input or output. Import a module by its topic: `errors.Refusal`,
`keyring.Keyring`, `money.minor_units`, `email.canonical`, `roles.require`.
"""
