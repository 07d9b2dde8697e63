"""Sign-up with double opt-in: who asked for news, the mail that asks back, and what a click does.

Import `asking.sign_up` for what a form's post does, `sending.hand_over` and `orders.ask` for the
sweep, `confirming` for what a link does, `pages` for what visitors see, `proof` for its challenge.
"""
