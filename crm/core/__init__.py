"""What every package speaks: errors, roles, keys, e-mail addresses, money, ids, JSON."""
