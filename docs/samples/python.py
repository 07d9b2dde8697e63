# sample:begin setup
import os

from crm_lite_client import Crm, Refusal, pages, with_password


def client() -> Crm:
    token = with_password(
        os.environ["FIREBASE_API_KEY"],  # the web API key, which is no secret
        os.environ["CRM_ACCOUNT"],  # an account of the script's own, with the role that it needs
        os.environ["CRM_PASSWORD"],
    )
    return Crm("my-project", region="us-central1", token=token)


# sample:end


# sample:begin spent
def spent_by(crm: Crm, email: str) -> dict[str, int] | None:
    """Return what a customer has spent, in minor units by currency; None for nobody."""
    try:
        return crm.get_customer(email=email)["customer"]["totalSpend"]
    except Refusal as refusal:
        if refusal.reason == "no-such-customer":
            return None
        raise


# sample:end


# sample:begin pages
def ids_of(crm: Crm, segment: str) -> list[str]:
    """Return the ids of everybody in a segment."""
    found = pages(crm.query_segment, segment=segment, pageSize=200)
    return [one["customerId"] for page in found for one in page["customers"]]


# sample:end
