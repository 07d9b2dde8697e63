"""What staff write down about a customer, and nobody else reads.

Import `note.Note` for what is stored, `keeping` to add and delete one, `listing` to read them.
"""
