"""Handing mails over: one port, its adapters, and what a server's answers mean.

Begin with `port.Mailer`: what sends, and what it may answer. It knows no campaign and no customer.
"""
