"""The functions of CRM-Lite, declared; what they do is in `crm`."""

from firebase_functions import https_fn


@https_fn.on_call()
def get_customer(request: https_fn.CallableRequest[object]) -> object:
    """Answer one customer."""
    return {"request": str(request.data)}
