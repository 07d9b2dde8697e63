"""Looking at documents nobody has described: their fields, and the lines of `crm.toml` that fit.

Import `fields.look_at` for what documents hold, and `propose.propose` for the lines.
"""
