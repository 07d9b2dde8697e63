"""Finding and mending what events missed, or what something else has changed.

`sweep` finds lost events at a small cost, `rebuild` looks at everything, `verify` looks and
changes nothing. Import `sweep.sweep`, `rebuild.rebuild` and `verify.verify`. What must hold is in
`invariants`, how it is mended in `customers`, `identities`, `rows` and `sums`. `rekey.rekey`
renames what is stored when the secret is replaced.
"""
