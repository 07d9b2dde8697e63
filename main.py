"""The functions of CRM-Lite, declared; what they do is in `crm`.

Importing this opens no connection: discovery at deployment and every cold start do it.
"""

from crm.runtime import starting  # isort: split

from typing import Any

from firebase_functions import firestore_fn, https_fn, options, params, scheduler_fn, tasks_fn
from flask import Request, Response

from crm.config import settings as config
from crm.entrypoints.callables.declare import LISTS, on_call
from crm.entrypoints.triggers import events
from crm.firebase import app as firebase_app
from crm.runtime import logs, stopping
from crm.runtime import services as runtime
from crm.runtime.labels import LABELS

SETTINGS = config.settings()
KEY = params.SecretParam("CRM_KEY")
WORKERS = SETTINGS.jobs.workers + 4  # so that a small job need not wait for a large one
CALLABLE: Any = {"secrets": [KEY], "enforce_app_check": SETTINGS.app_check}
MAIL = [params.SecretParam("CRM_MAIL")] if SETTINGS.mail.on else []  # who sends nothing needs none
SENDING: Any = {**CALLABLE, "secrets": [KEY, *MAIL]}

logs.install()
stopping.install()
firebase_app.prepare()

options.set_global_options(
    region=SETTINGS.region,
    cpu=1,
    memory=options.MemoryOption.MB_512,
    concurrency=16,
    max_instances=20,
    labels=dict(LABELS),
)


def _answer(name: str, request: https_fn.CallableRequest[Any]) -> object:
    """Answer a call. The first one loads what calls need; a trigger's instance never does."""
    from crm.entrypoints.callables import dispatch

    return dispatch.answer(name, request)


@events.retried
@firestore_fn.on_document_written(
    document=SETTINGS.orders.documents,
    secrets=[KEY],
    timeout_sec=120,
    max_instances=100,  # an on-sale: docs/scale.md says what more would not bring
)
def on_order_written(event: firestore_fn.Event[Any]) -> None:
    """Look at an order again."""
    from crm.entrypoints.watching import watched

    using, path = watched(runtime.services()), SETTINGS.orders.path
    sync, healed = using.sync, events.healed(using.runner, "order")
    events.deliver(event, "orderId", sync.sync_order, sync.give_up_order, healed, below=path)


@events.retried
@firestore_fn.on_document_written(
    document=f"{SETTINGS.users.path}/{{uid}}", secrets=[KEY], timeout_sec=120
)
def on_user_written(event: firestore_fn.Event[Any]) -> None:
    """Look at a user again."""
    from crm.entrypoints.watching import watched

    using = watched(runtime.services())
    healed = events.healed(using.runner, "user")
    events.deliver(event, "uid", using.sync.sync_user, None, healed)


@on_call(**CALLABLE)
def get_customer(request: https_fn.CallableRequest[Any]) -> object:
    """Answer a customer."""
    return _answer("get_customer", request)


@on_call(**CALLABLE)
def list_orders(request: https_fn.CallableRequest[Any]) -> object:
    """Answer a customer's orders, newest first."""
    return _answer("list_orders", request)


@on_call(**CALLABLE, timeout_sec=120)
def merge_customers(request: https_fn.CallableRequest[Any]) -> object:
    """Merge one customer into another, or preview it."""
    return _answer("merge_customers", request)


@on_call(**CALLABLE, timeout_sec=120)
def unmerge_customers(request: https_fn.CallableRequest[Any]) -> object:
    """Undo a merge."""
    return _answer("unmerge_customers", request)


@on_call(**CALLABLE, timeout_sec=120)
def claim_my_orders(request: https_fn.CallableRequest[Any]) -> object:
    """Link the caller's guest orders now."""
    return _answer("claim_my_orders", request)


@on_call(**CALLABLE, timeout_sec=300)
def delete_customer(request: https_fn.CallableRequest[Any]) -> object:
    """Erase a person."""
    return _answer("delete_customer", request)


@on_call(**CALLABLE, timeout_sec=300)
def delete_my_data(request: https_fn.CallableRequest[Any]) -> object:
    """Erase the caller."""
    return _answer("delete_my_data", request)


@on_call(**CALLABLE, timeout_sec=300)
def export_customer(request: https_fn.CallableRequest[Any]) -> object:
    """Answer all that is kept of a person, in parts where it is much."""
    return _answer("export_customer", request)


@on_call(**CALLABLE, timeout_sec=300)
def export_my_data(request: https_fn.CallableRequest[Any]) -> object:
    """Answer all that is kept of the caller."""
    return _answer("export_my_data", request)


@on_call(**CALLABLE)
def rebuild_customers(request: https_fn.CallableRequest[Any]) -> object:
    """Have everything looked at again."""
    return _answer("rebuild_customers", request)


@on_call(**CALLABLE)
def list_tags(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the catalogue of tags."""
    return _answer("list_tags", request)


@on_call(**CALLABLE, timeout_sec=120)
def tag_customers(request: https_fn.CallableRequest[Any]) -> object:
    """Change the tags of many customers."""
    return _answer("tag_customers", request)


@on_call(**CALLABLE, timeout_sec=120)
def rename_tag(request: https_fn.CallableRequest[Any]) -> object:
    """Rename a tag, or unite it with another."""
    return _answer("rename_tag", request)


@on_call(**CALLABLE, timeout_sec=120)
def delete_tag(request: https_fn.CallableRequest[Any]) -> object:
    """Delete a tag."""
    return _answer("delete_tag", request)


@on_call(**CALLABLE)
def get_job(request: https_fn.CallableRequest[Any]) -> object:
    """Answer how far a piece of long work is."""
    return _answer("get_job", request)


@on_call(**CALLABLE)
def cancel_job(request: https_fn.CallableRequest[Any]) -> object:
    """Stop a piece of long work."""
    return _answer("cancel_job", request)


@on_call(**CALLABLE)
def retry_job(request: https_fn.CallableRequest[Any]) -> object:
    """Take up again a piece of long work that failed."""
    return _answer("retry_job", request)


@on_call(**CALLABLE)
def list_requests(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what was asked for of people's data, and what became of it."""
    return _answer("list_requests", request)


@on_call(**CALLABLE)
def list_audit(request: https_fn.CallableRequest[Any]) -> object:
    """Answer who changed what, newest first."""
    return _answer("list_audit", request)


@on_call(**CALLABLE)
def list_staff(request: https_fn.CallableRequest[Any]) -> object:
    """Answer who has a role."""
    return _answer("list_staff", request)


@on_call(**CALLABLE)
def grant_role(request: https_fn.CallableRequest[Any]) -> object:
    """Give an account a role."""
    return _answer("grant_role", request)


@on_call(**CALLABLE)
def revoke_role(request: https_fn.CallableRequest[Any]) -> object:
    """Take an account's role away."""
    return _answer("revoke_role", request)


@on_call(**SENDING)
def get_settings(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what of the settings staff see."""
    return _answer("get_settings", request)


@on_call(**SENDING)
def get_setup(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what of the installation is still to be done."""
    return _answer("get_setup", request)


@on_call(**CALLABLE)
def get_processing_record(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the record of processing activities."""
    return _answer("get_processing_record", request)


@on_call(**CALLABLE)
def get_news(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what is new since a moment."""
    return _answer("get_news", request)


@on_call(**CALLABLE)
def list_quarantine(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what waits in quarantine, the latest first."""
    return _answer("list_quarantine", request)


@on_call(**CALLABLE)
def explain_quarantine(request: https_fn.CallableRequest[Any]) -> object:
    """Answer which field of a quarantined document is not understood."""
    return _answer("explain_quarantine", request)


@on_call(**CALLABLE, timeout_sec=120)
def retry_quarantine(request: https_fn.CallableRequest[Any]) -> object:
    """Look at a quarantined document again."""
    return _answer("retry_quarantine", request)


@on_call(**CALLABLE)
def search_customers(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the customers that something typed stands for."""
    return _answer("search_customers", request)


@on_call(**CALLABLE)
def list_events(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the host's events, newest start first, with how many people each had."""
    return _answer("list_events", request)


@on_call(**CALLABLE)
def get_event(request: https_fn.CallableRequest[Any]) -> object:
    """Answer an event, with how many of its people are new."""
    return _answer("get_event", request)


@on_call(**CALLABLE, timeout_sec=300)
def get_event_sales(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what an event sold, and on which days."""
    return _answer("get_event_sales", request)


@on_call(**CALLABLE)
def compare_events(request: https_fn.CallableRequest[Any]) -> object:
    """Answer of some events how many people were at each two of them."""
    return _answer("compare_events", request)


@on_call(**CALLABLE)
def save_segment(request: https_fn.CallableRequest[Any]) -> object:
    """Give a segment a name, or change one that has a name."""
    return _answer("save_segment", request)


@on_call(**CALLABLE)
def query_segment(request: https_fn.CallableRequest[Any]) -> object:
    """Answer who is in a segment."""
    return _answer("query_segment", request)


@on_call(**CALLABLE, timeout_sec=300)
def count_segment(request: https_fn.CallableRequest[Any]) -> object:
    """Answer how many are in a segment."""
    return _answer("count_segment", request)


@on_call(**CALLABLE, timeout_sec=300)
def get_figures(request: https_fn.CallableRequest[Any]) -> object:
    """Answer orders, revenue and customers by the day, the week or the month."""
    return _answer("get_figures", request)


@on_call(**CALLABLE, timeout_sec=300)
def get_cohorts(request: https_fn.CallableRequest[Any]) -> object:
    """Answer of each month's new customers how many ordered again later."""
    return _answer("get_cohorts", request)


@on_call(**CALLABLE, timeout_sec=300)
def get_growth(request: https_fn.CallableRequest[Any]) -> object:
    """Answer how many decided for news and against them, and how many are subscribed."""
    return _answer("get_growth", request)


@on_call(**CALLABLE)
def list_segments(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the saved segments by name."""
    return _answer("list_segments", request)


@on_call(**CALLABLE)
def delete_segment(request: https_fn.CallableRequest[Any]) -> object:
    """Delete a saved segment that no other uses."""
    return _answer("delete_segment", request)


@on_call(**CALLABLE, timeout_sec=120)
def save_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Save a campaign, or change one that is not sent yet."""
    return _answer("save_campaign", request)


@on_call(**CALLABLE)
def list_campaigns(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the campaigns, newest first."""
    return _answer("list_campaigns", request)


@on_call(**CALLABLE)
def get_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Answer a campaign, with its people counted now."""
    return _answer("get_campaign", request)


@on_call(**CALLABLE, timeout_sec=300)
def get_campaign_results(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what came of a campaign."""
    return _answer("get_campaign_results", request)


@on_call(**CALLABLE)
def delete_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Delete a draft of a campaign."""
    return _answer("delete_campaign", request)


@on_call(**CALLABLE, timeout_sec=540)
def preview_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Answer a campaign's mail to one person, and who would get it."""
    return _answer("preview_campaign", request)


@on_call(**SENDING, timeout_sec=120)
def test_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Send a campaign's mail to staff."""
    return _answer("test_campaign", request)


@on_call(**SENDING, timeout_sec=540)
def send_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Have a campaign be sent, now or later."""
    return _answer("send_campaign", request)


@on_call(**CALLABLE, timeout_sec=120)
def pause_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Have a campaign stop where it is."""
    return _answer("pause_campaign", request)


@on_call(**SENDING, timeout_sec=120)
def resume_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """Have a campaign go on."""
    return _answer("resume_campaign", request)


@on_call(**CALLABLE, timeout_sec=120)
def cancel_campaign(request: https_fn.CallableRequest[Any]) -> object:
    """End a campaign."""
    return _answer("cancel_campaign", request)


@on_call(**CALLABLE, timeout_sec=120)
def list_recipients(request: https_fn.CallableRequest[Any]) -> object:
    """Answer a campaign's people, each with what became of the mail."""
    return _answer("list_recipients", request)


@on_call(**SENDING, timeout_sec=300)
def resolve_recipients(request: https_fn.CallableRequest[Any]) -> object:
    """Send again to people whose mail may be lost, or give them up."""
    return _answer("resolve_recipients", request)


@on_call(**CALLABLE)
def list_mails(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what campaigns sent to a customer, newest first."""
    return _answer("list_mails", request)


@on_call(**CALLABLE)
def save_rule(request: https_fn.CallableRequest[Any]) -> object:
    """Save a rule, switch it on or off."""
    return _answer("save_rule", request)


@on_call(**CALLABLE)
def list_rules(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the rules, the oldest first."""
    return _answer("list_rules", request)


@on_call(**CALLABLE)
def delete_rule(request: https_fn.CallableRequest[Any]) -> object:
    """Delete a rule."""
    return _answer("delete_rule", request)


@on_call(**CALLABLE, timeout_sec=540)
def preview_rule(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what a rule would do, and on whom; it changes nothing."""
    return _answer("preview_rule", request)


@on_call(**CALLABLE)
def list_rule_runs(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what rules did, of a rule or with a customer, newest first."""
    return _answer("list_rule_runs", request)


@on_call(
    **CALLABLE,
    timeout_sec=540,
    memory=options.MemoryOption.GB_1,  # a file of 8 MB, and all that it says of people
    concurrency=1,
    most_bytes=LISTS,
)
def import_contacts(request: https_fn.CallableRequest[Any]) -> object:
    """Take a list of contacts in, or say what that would do."""
    return _answer("import_contacts", request)


@on_call(**CALLABLE, timeout_sec=120)
def undo_import(request: https_fn.CallableRequest[Any]) -> object:
    """Take back what an import did."""
    return _answer("undo_import", request)


@on_call(**CALLABLE)
def list_imports(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the imports, newest first, with what came of each."""
    return _answer("list_imports", request)


@tasks_fn.on_task_dispatched(
    secrets=[KEY, *MAIL],
    timeout_sec=540,
    retry_config=options.RetryConfig(
        max_attempts=20, min_backoff_seconds=2, max_backoff_seconds=300
    ),
    rate_limits=options.RateLimits(max_concurrent_dispatches=WORKERS),
    concurrency=1,  # Python computes one at a time: two in one instance would share its processor
    max_instances=WORKERS,
)
def worker(request: https_fn.CallableRequest[Any]) -> None:
    """Go on with a job."""
    from crm.entrypoints.triggers.worker import work

    work(request.data)


@scheduler_fn.on_schedule(
    schedule="*/5 * * * *", secrets=[KEY, *MAIL], timeout_sec=540, max_instances=1
)
def sweep(event: scheduler_fn.ScheduledEvent) -> None:
    """Find and mend what events missed; every other time only see which events have begun."""
    from crm.entrypoints.triggers import schedule

    schedule.run(whole=schedule.is_whole(event.job_name, event.schedule_time))


@on_call(**CALLABLE, timeout_sec=120)
def set_consent(request: https_fn.CallableRequest[Any]) -> object:
    """Record what a person decided about marketing."""
    return _answer("set_consent", request)


@on_call(**CALLABLE)
def set_fields(request: https_fn.CallableRequest[Any]) -> object:
    """Write own fields of a customer."""
    return _answer("set_fields", request)


@on_call(**CALLABLE)
def list_fields(request: https_fn.CallableRequest[Any]) -> object:
    """Answer which own fields there are."""
    return _answer("list_fields", request)


@on_call(**CALLABLE)
def list_consents(request: https_fn.CallableRequest[Any]) -> object:
    """Answer what a customer decided about marketing, newest first."""
    return _answer("list_consents", request)


@on_call(**CALLABLE)
def add_note(request: https_fn.CallableRequest[Any]) -> object:
    """Keep a note about a customer."""
    return _answer("add_note", request)


@on_call(**CALLABLE)
def list_notes(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the notes about a customer, newest first."""
    return _answer("list_notes", request)


@on_call(**CALLABLE)
def delete_note(request: https_fn.CallableRequest[Any]) -> object:
    """Delete a note."""
    return _answer("delete_note", request)


@on_call(**CALLABLE)
def set_reachable(request: https_fn.CallableRequest[Any]) -> object:
    """Record that mail to a customer arrives again."""
    return _answer("set_reachable", request)


@on_call(**CALLABLE)
def check_sender(request: https_fn.CallableRequest[Any]) -> object:
    """Judge the headers of a test mail as mail providers will."""
    return _answer("check_sender", request)


@on_call(**CALLABLE)
def get_unsubscribe_headers(request: https_fn.CallableRequest[Any]) -> object:
    """Answer the headers with which a customer's newsletter is to be sent."""
    return _answer("get_unsubscribe_headers", request)


@https_fn.on_request(
    secrets=[KEY],
    cors=options.CorsOptions(cors_origins="*", cors_methods=["get"]),
    timeout_sec=3600,
)
def export_segment_csv(request: Request) -> Response:
    """Answer the newsletter list of a segment as a file."""
    from crm.entrypoints.http import segment_csv

    return segment_csv.answer(request)


@https_fn.on_request(
    secrets=[KEY, params.SecretParam("CRM_MAIL_EVENTS")] if SETTINGS.mail.events else [KEY],
    timeout_sec=300,
)
def mail_events(request: Request) -> Response:
    """Take in what the mail provider tells of mails that it took."""
    from crm.entrypoints.http.mail_events import answer

    return answer(request)


@https_fn.on_request(secrets=[KEY])
def unsubscribe(request: Request) -> Response:
    """Show the page behind a newsletter's link, or act on it."""
    from crm.entrypoints.http.unsubscribe import answer

    return answer(request)


@https_fn.on_request(secrets=[KEY, *MAIL], timeout_sec=120)
def subscribe(request: Request) -> Response:
    """Show a form for news, or ask the address that was written in it."""
    from crm.entrypoints.http.subscribe import answer

    return answer(request)


@https_fn.on_request(secrets=[KEY])
def confirm_subscription(request: Request) -> Response:
    """Show the page behind a confirmation mail's link, or act on it."""
    from crm.entrypoints.http.confirm_subscription import answer

    return answer(request)


# What `from crm.functions import *` gives a host's main.py: the functions, and nothing else.
__all__ = [name for name, one in list(globals().items()) if hasattr(one, "__firebase_endpoint__")]

starting.done()
