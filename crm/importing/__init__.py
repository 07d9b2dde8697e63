"""A list of the organiser's comes in, and goes again where that was a mistake.

Import `imports.import_contacts`, `imports.undo_import` and `imports.list_imports`, and `jobs.KINDS`
for the work; `reading.read` for what a file says.
"""
