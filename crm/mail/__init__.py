"""Handing mails over: one port, its adapters, and what a server's answers mean.

Import `port` for what sends and what it may answer, `smtp` and `anymail` for who does it,
`budgeted` for who keeps to limits, `backoff` for when to try again. It knows no campaign and no
customer.
"""
