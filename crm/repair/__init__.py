"""Finding and mending what events missed, or what something else has changed.

`sweep` finds lost events at a small cost, `rebuild` looks at everything, `verify` looks and
changes nothing. Import `sweep.sweep`, `rebuild.rebuild` and `verify.verify`.
"""
