"""Composing a mail: Liquid, then Markdown or MJML, to HTML and text, checked before it is sent.

Begin with `template.Template`. Pure: it knows no database.
"""
