"""The host's documents change in every direction, and the customers follow."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import FieldFilter

from demo.stage import Stage


def typo(stage: Stage) -> None:
    """Let an order carry a mistyped address until somebody corrects it."""
    orders = stage.regular(1)
    order, email = orders[-1], orders[-1].email
    mistyped = email.replace("example", "exmaple")
    stage.heading(f"A mistyped address: {order.order_id} says {mistyped}")
    stage.edit(order, email=mistyped)
    stage.customer_when("the mistyped order's customer", _has(1), email=mistyped)
    stage.customer_when("the order's leaving", _has(len(orders) - 1), email=email)
    stage.say(f"{mistyped} has 1 order, {email} has {len(orders) - 1}", "mistyped")
    stage.edit(order, email=email)
    stage.customer_when("the order's return", _has(len(orders)), email=email)
    stage.until(
        "the mistyped customer's end", lambda: stage.staff.find(email=mistyped) is None or None
    )
    stage.say(f"{email} has all {len(orders)}, and the other customer is gone", "corrected")


def quarantine(stage: Stage) -> None:
    """Make an order unreadable, and mend it."""
    orders = stage.regular(2)
    order, email = orders[-1], orders[-1].email
    unreadable = order.dollars.replace(".", ",")
    stage.heading(f'An unreadable order: {order.order_id} has the total "{unreadable}"')
    stage.edit(order, total=unreadable)
    reason = stage.until("the order in quarantine", lambda: _reason(stage, order.order_id))
    stage.customer_when("the order's leaving", _has(len(orders) - 1), email=email)
    stage.say(f"in quarantine, reason {reason}; {email} has {len(orders) - 1} orders", "unreadable")
    stage.edit(order, total=order.dollars)
    stage.customer_when("the mended order", _has(len(orders)), email=email)
    stage.until("an empty quarantine", lambda: _reason(stage, order.order_id) is None or None)
    stage.say(f"quarantine is empty, and {email} has {len(orders)} again", "mended")


def deletion(stage: Stage) -> None:
    """Delete an order's document."""
    orders = stage.regular(4)
    order = orders[-1]
    stage.heading(f"An order is deleted: {order.order_id}")
    stage.client.collection("orders").document(order.order_id).delete()
    stage.changes.deleted.add(order.line)
    stage.customer_when("the order's leaving", _has(len(orders) - 1), email=order.email)
    stage.say(f"{order.email} had {len(orders)} orders, now {len(orders) - 1}")


def _has(orders: int) -> Any:
    return lambda customer: customer["orderCount"] == orders


def _reason(stage: Stage, order_id: str) -> str | None:
    """Say why an order is in quarantine, None where it is not."""
    listed = stage.client.collection("crmQuarantine").where(
        filter=FieldFilter("documentId", "==", order_id)
    )
    for found in listed.stream():
        reason: str = found.get("reason")
        return reason
    return None
