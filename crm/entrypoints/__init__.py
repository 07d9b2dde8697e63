"""Everything that somebody outside calls: callables, HTTP functions, triggers, the command.

Import nothing from here but in `main.py`, which declares the functions, and in `crm.__main__`,
the operator's command.
"""
