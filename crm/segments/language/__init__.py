"""The language of segments: one tree, a JSON form and a text form of it.

Import `ast` for the nodes, `text.parse` for either form, `json_form.to_json` and `text.to_text`
to write one, and `expansion.expand` to put saved segments in their places.
"""
