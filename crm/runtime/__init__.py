"""What one process works with: services, logs, and the mark of its key.

Import `services.services()`, made at its first use, and `logs.install`; `key_fingerprint` stops a
process whose `CRM_KEY` did not make this database, and `lease` one whose secret is replaced.
`main.py` imports `starting` before all else.
"""
