"""Own fields of customers: what staff write into them.

Import `plan.plan_fields`. What fields there are is `config.fields`.
"""
