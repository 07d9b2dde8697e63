"""Questions about customers: their language, their answers, and their names.

`language` reads and writes the two spellings of one tree, `engine` finds and counts who is in it.
Import `language.text.parse`, `engine.pages.page`, `engine.count.count`, and `saved` for segments
with a name.
"""
