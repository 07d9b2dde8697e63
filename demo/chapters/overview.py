"""The customers that there are now."""

from __future__ import annotations

from demo.counting import count
from demo.staff import EMAIL, ROLE
from demo.stage import Stage, day, usd

TOP = 5


def overview(stage: Stage) -> None:
    """Count the customers, and list who spent most."""
    total = count(stage.client, "customers")
    stage.heading(f"{total:,} customers, made by the triggers")
    table = stage.table("customer", "orders", "spent", "first", "last", right=("orders", "spent"))
    customers = stage.client.collection("customers")
    best = customers.order_by("totalSpend.USD", direction="DESCENDING").limit(TOP)
    for found in best.stream():
        customer = found.to_dict() or {}
        table.add_row(
            customer["primaryEmail"],
            str(customer["orderCount"]),
            usd(customer["totalSpend"]["USD"]),
            f"{customer['firstOrderAt']:%Y-%m-%d}",
            f"{customer['lastOrderAt']:%Y-%m-%d}",
        )
    stage.say(f"The {TOP} who spent most:")
    stage.show(table)


def card(stage: Stage) -> None:
    """Show the customer with most orders, as a staff console would."""
    email = stage.regular(0)[0].email
    stage.heading("One customer, as staff see it (get_customer, list_orders)")
    stage.say(f"python -m crm grant {EMAIL} {ROLE}", "access")
    customer = stage.staff.call("get_customer", email=email)["customer"]
    events = [f"{event['name']} ({event['tickets']})" for event in customer["events"].values()]
    stage.say(f"{customer['name']}, {customer['primaryEmail']}", "customer")
    spend = usd(customer["totalSpend"]["USD"])
    stage.say(f"{spend} in {customer['orderCount']} orders", "spent")
    stage.say(f"{day(customer['firstOrderAt'])} to {day(customer['lastOrderAt'])}", "orders")
    stage.say(", ".join(events), "tickets")
    answer = stage.staff.call("list_orders", customerId=customer["customerId"], pageSize=3)
    table = stage.table("newest orders", "day", "net", "event", right=("net",))
    for order in answer["orders"]:
        event = ", ".join(order["eventIds"])
        table.add_row(order["orderId"], day(order["createdAt"]), usd(order["net"]), event)
    stage.show(table)
