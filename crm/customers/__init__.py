"""A customer and what it is made of: identity parts, identities, the ledger; looking one up.

A customer's numbers are the sum of its parts (profile fragments, one for each address or uid),
and a part's are the sum of its ledger entries. Import `customer.Customer`, `part.Part`,
`identity.AddressIdentity`, `ledger.LedgerEntry`, `change_set.ChangeSet` to change them in a plan,
`lookup.find_customer` and `merged_ids.resolve` to find them. `facets` are order-preserving index
terms, by which segments find customers; they are no counts of a search page.
"""
