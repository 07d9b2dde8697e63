"""Rules: what is done by itself, once, for whom it is meant.

Import `rule.Rule` and `book.Book` for what is stored, `saving` for what staff do, `watch` for who
enters, `acting` for what is done, and `due` for what time brings.
"""
