"""The operator's commands, one module for each topic; `cli` puts them together.

Import `command.command`, which declares one, and `output` for what it prints.
"""
