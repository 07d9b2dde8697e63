"""How a segment is answered: to a formula, to queries over facets, to pages and counts.

Import `pages.page`, `sorting.sorted_page`, `count.count`, and `predicate.matches`, which is what a
segment means.
"""
