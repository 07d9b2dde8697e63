"""A guest registers, and is linked once the address is proven."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Final

from firebase_admin import auth

from demo.stage import Stage

UID: Final = "demo-guest"


def registering(stage: Stage) -> None:
    """Sign a guest up with the address of their orders, unverified first."""
    orders = stage.regular(3)
    email = orders[0].email
    stage.heading(f"A guest registers: {email}, who has {len(orders)} orders")
    guest = stage.staff.call("get_customer", email=email)["customer"]["customerId"]
    password = secrets.token_urlsafe(16)
    auth.create_user(uid=UID, email=email, password=password, email_verified=False)
    user = stage.client.collection("users").document(UID)
    user.set({"email": email, "name": f"Customer {orders[0].customer}"})
    apart = stage.customer_when("the user's customer", lambda one: one["registered"], userId=UID)
    hint = [{"customerId": guest, "reason": "unproven-address"}]
    stage.expect("user and guest are shown as likely the same", apart["likelySame"] == hint)
    stage.expect("an unproven address brings no orders", apart["customer"]["orderCount"] == 0)
    told = f"two customers, shown to staff as likely the same ({hint[0]['reason']})"
    stage.say(f"{told}; the user has no orders", "not verified")
    auth.update_user(UID, email_verified=True)
    user.update({"lastSeenAt": datetime.now(UTC)})  # the host touches its document at sign-in
    linked = stage.customer_when(
        "the link", lambda one: one["orderCount"] == len(orders), userId=UID
    )["customer"]
    by_email = stage.customer_when("the address", lambda one: UID in one["userIds"], email=email)
    same = by_email["customer"]["customerId"] == linked["customerId"]
    stage.expect("uid and address lead to one customer", same)
    held = f"{linked['orderCount']} orders, addresses {', '.join(linked['emails'])}"
    stage.say(f"one customer: registered, {held}", "verified")
