"""Who changed what: written with the change, sealed in chains, checked and read.

Import `trail.record` for the writes that every plan of a change adds to its own,
`read.list_audit`, and `verify.verify`, which checks the chains.
"""
