"""The HTTP functions: the newsletter list as a file, what links of mails open, sign-up, webhooks.

Import `answer` of each, in `main.py` alone.
"""
