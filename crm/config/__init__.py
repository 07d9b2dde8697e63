"""`crm.toml`: where the host keeps its orders and users, and what its fields and words mean.

Import `settings.settings()` for the process's own settings, `settings.Settings` for the type, and
`sources.Source` for where a field comes from. Presets for known ticket systems lie in `presets/`.
"""
