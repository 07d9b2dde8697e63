"""People who come in without an order: a form that was confirmed, a list of the organiser's.

Import `arriving.arrive` for the customer of an address, and `granting.grant_part` for consent.
"""
