"""The HTTP functions: the newsletter list as a file, and what an unsubscribe link opens.

Import `segment_csv.answer` and `unsubscribe.answer`, in `main.py` alone.
"""
