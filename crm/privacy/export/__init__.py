"""The archive of a person's data (GDPR art. 15 and 20), in parts of one snapshot.

Import `archive.export`; `lists` are its long lists.
"""
