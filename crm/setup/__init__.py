"""What this installation is set to, and what is still to be done, as staff see it.

Import `telling.told` for the settings and `checks.checked` for what is missing.
"""
