"""Erasing a person (GDPR art. 17): one commit, then a job, then a report.

Import `erase.erase` and `record.Erasure`. `plan` is the commit after which nobody finds the
person, `job` the steps that follow, `file` the copy for a restored backup, `reason` the check of
its words.
"""
