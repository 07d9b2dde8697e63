"""A refund arrives."""

from __future__ import annotations

from decimal import Decimal

from demo.stage import Stage, usd


def refund(stage: Stage) -> None:
    """Give half of an order's money back, and see the customer's spend go down by it."""
    orders = stage.regular(0)
    order = max(orders, key=lambda one: Decimal(one.dollars))
    back = (Decimal(order.dollars) / 2).quantize(Decimal("0.01"))
    before = stage.staff.call("get_customer", email=order.email)["customer"]["totalSpend"]["USD"]
    stage.heading(f"A refund: {back} USD of {order.order_id} go back")
    stage.edit(order, status="partially_refunded", refunded=str(back))
    stage.changes.refunded[order.line] = back
    after = before - int(back * 100)
    stage.customer_when(
        "the refund", lambda customer: customer["totalSpend"]["USD"] == after, email=order.email
    )
    stage.say(f"{order.email} had spent {usd(before)}, now {usd(after)}")
