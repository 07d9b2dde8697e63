"""What `doctor` looks at: every source of facts asked at once, each for a while only.

Import `gathering.gather`; what the facts mean is said by `crm.setup.doctor`.
"""
