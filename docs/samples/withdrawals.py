import csv
from collections.abc import Iterable

from crm_lite_client import Crm, Refusal


def bring_withdrawals(crm: Crm, lines: Iterable[str], date: str) -> int:
    """Record the withdrawals of Mailchimp's file of unsubscribed contacts; return how many."""
    done = 0
    for row in csv.DictReader(lines):
        try:
            customer = crm.get_customer(email=row["Email Address"])["customer"]
        except Refusal as refusal:
            if refusal.reason == "no-such-customer":
                continue  # who has never bought
            raise
        evidence = {"source": "mailchimp-export", "date": date}
        crm.set_consent(customerId=customer["customerId"], status="unsubscribed", evidence=evidence)
        done += 1
    return done
