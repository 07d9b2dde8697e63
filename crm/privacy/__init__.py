"""A person's rights over what is kept: to see it, to take it along, to have it gone.

A field with personal data is declared once, in `declarations`; export, erasure and the record of
processing read the `registry`. Import `export.archive.export`, `erasure.erase.erase`,
`consent_records.list_consents`, and `processing_record.record`.
"""
