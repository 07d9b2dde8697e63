"""A customer: the parts, the identities, the ledger that they add up; looking one up."""
