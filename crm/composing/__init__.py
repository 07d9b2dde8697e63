"""Composing a mail: Liquid, then Markdown or MJML, to HTML and text, checked before it is sent.

Begin with `template.Template`; `marks` says why no value can become markup. Pure: it knows no
database.
"""
