"""What the callables answer, by topic: a `TypedDict` each, with the keys that are in the JSON.

Import the answers of a topic where its calls are declared (`crm.entrypoints.callables`). They say
what is answered and check nothing: tests do, of every answer that any of them gets, and `clients/`
makes types for other languages of them.

Names are public, and stand for one thing each: no two answers here have the same.
"""
