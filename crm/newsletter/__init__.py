"""The list as a file, and the link out of it.

Import `export.export`, which streams the list as CSV, and `unsubscribe_link.link` for the
one-click link (RFC 8058); `unsubscribe_page.page` is what the link shows.
"""
