"""What `crm init` changes in a host's files, text in and text out, and how it is taken out again.

Import `joining` and `parting` for the whole of it, `record` for what is remembered of it,
`opening` for what a host's rules let in, and `jsonc` for JSON with comments.
"""
