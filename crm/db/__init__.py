"""Documents and optimistic transactions over them, without any Google code.

A plan is a pure function of a `Transaction`; a `Runner` fetches what it demands, commits what it
returns, and begins again on a collision. Import `transaction.Transaction`, `runner.Runner`,
`documents` for snapshots, queries and writes, `collections` for names, `paging` for signed
cursors, `scan.scan` for a whole collection, and `retry.RetryPolicy`.
"""
