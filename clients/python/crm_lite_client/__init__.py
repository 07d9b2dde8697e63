"""Calls of CRM-Lite for servers and scripts.

    from crm_lite_client import Crm, Refusal, with_password

    crm = Crm("my-project", region="us-central1", token=with_password(API_KEY, EMAIL, PASSWORD))
    crm.search_customers(q="ada")["customers"]

A method for each call of docs/calls.md, with its name and its keys; answers are typed dictionaries.
"""

from crm_lite_client.client import Crm
from crm_lite_client.errors import CrmError, NoAnswer, Refusal
from crm_lite_client.pages import pages
from crm_lite_client.tokens import SignIn, with_custom_token, with_password
from crm_lite_client.version import __version__

__all__ = [
    "Crm",
    "CrmError",
    "NoAnswer",
    "Refusal",
    "SignIn",
    "__version__",
    "pages",
    "with_custom_token",
    "with_password",
]
