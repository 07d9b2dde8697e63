"""What people decided about marketing, and what shows it.

Import `plan.plan_consent` and `plan.plan_unsubscribe` for a decision, and `records.order_records`
for the opt-ins of orders. Which of several decisions holds says `customers.decision`.
"""
