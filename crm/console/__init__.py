"""The staff console's files: the page with its settings, where it is written, how it is hosted.

Import `page` for the page, `files` for what was built and for writing it, `hosting` for entries of
a `firebase.json`, `policy` for the headers. None of it asks anybody.
"""
