"""Mending what CRM-Lite itself keeps, where something else has changed it.

The syncs bring customers up to the host's documents. They take for granted that customers,
identities and ledger agree, for every commit leaves them so. A hand in the Firebase console, or a
backup of some collections alone, need not. Then this holds them to each other again. What nothing
else knows cannot come back: the tags of a customer that is gone.
"""
