"""Questions about customers: their language, their answers, and their names.

`language` reads and writes the two spellings of one tree, `engine` finds and counts who is in it.
Import `query` for an answer as staff get it; `language.text.parse`, `asking.understand`,
`engine.pages.page` and `engine.count.count` for its makings; `saved` for segments with a name.
"""
