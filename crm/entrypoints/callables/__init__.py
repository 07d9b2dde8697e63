"""The callables by topic: each a request, a role, and one call into a use case.

Import `dispatch.answer` and `declare.on_call`, in `main.py` alone.
"""
