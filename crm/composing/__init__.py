"""Composing a mail: Liquid, then Markdown or MJML, to HTML and text, checked before it is sent.

Import `template.Template` to read and render one, `people.person_of` for what placeholders see of a
customer, `checks.check` before it is saved, `dry.dry_run` before it is sent. `marks` says why no
value can become markup. Pure: it knows no database.
"""
