"""Notes of staff about customers.

Import `note` for what is stored and `plan` for what is done.
"""
