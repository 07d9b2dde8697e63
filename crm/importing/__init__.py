"""Lists of people that an organiser brings along.

Import `reading` for what a file says, `plan` for what becomes of a row, and `jobs` for the work.
"""
