"""Own fields of customers: what staff write into them.

Import `plan.WriteFields`, and `plan.with_fields` for values that come by another way. What fields
there are is `config.fields`.
"""
