"""The words of staff: the catalogue, giving, renaming and deleting them.

Import `tagging` for the calls, `plan.plan_tags` for the change itself, `giving` for tags of whoever
comes in, and `jobs` for the steps of what touches many customers. `catalogue` holds the rows, and
the lock of a job on a tag.
"""
