"""Campaigns: written, previewed, tried on staff, sent, stopped, and who got what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm.campaigns import saving
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import PersonState
from crm.campaigns.moments import instant_of
from crm.campaigns.recipients import list_recipients
from crm.campaigns.saving import Format, find_campaign, shown
from crm.core.ids import CustomerId, Id, Text
from crm.core.roles import Role
from crm.customers.reference import CustomerRef
from crm.entrypoints.answers.campaigns import (
    CampaignDeleted,
    CampaignPreview,
    CampaignResults,
    CampaignSaved,
    CampaignShown,
    CampaignsPage,
    CampaignTested,
    MailsPage,
    RecipientsPage,
    RecipientsResolved,
)
from crm.entrypoints.callables.call import HEAVY, Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request, SegmentInput
from crm.newsletter import unsubscribe_link
from crm.privacy.mail_records import list_mails
from crm.runtime.services import Services
from crm.segments.language import text
from crm.segments.names import to_data

TESTS: Final = 10
"""Calls of `test_campaign` a minute: 50 mails."""

MOST_DAYS: Final = 90
"""Of `get_campaign_results`: how long after a mail an order counts."""

MOST_RESOLVED: Final = 500
"""People of one `resolve_recipients`."""


class BodyRequest(Request):
    """What a mail says."""

    format: Format
    source: Text


class SaveRequest(Request):
    """`save_campaign`."""

    name: Text
    subject: Text
    body: BodyRequest
    segment: SegmentInput
    preview: Text | None = None
    sender: Annotated[Text | None, Field(alias="from")] = None
    reply_to: Text | None = None
    campaign_id: Id | None = None
    revision: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _of_one_that_is_there(self) -> SaveRequest:
        if self.revision is not None and self.campaign_id is None:
            raise PydanticCustomError("value", "`revision` belongs to a `campaignId`: give both")
        return self


class ListRequest(PageRequest):
    """`list_campaigns`."""

    rule: Id | None = None
    by_rules: bool = False


class CampaignRequest(Request):
    """`get_campaign`, `delete_campaign`, `pause_campaign`, `resume_campaign`, `cancel_campaign`."""

    campaign_id: Id


class ResultsRequest(CampaignRequest):
    """`get_campaign_results`."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None


class PreviewRequest(CampaignRequest):
    """`preview_campaign`."""

    customer_id: CustomerId | None = None


class TryRequest(CampaignRequest):
    """`test_campaign`."""

    to: Annotated[list[Text], Field(min_length=1, max_length=5)]


class SendRequest(CampaignRequest):
    """`send_campaign`."""

    expected: Annotated[int, Field(ge=0)]
    at: Annotated[Text, Field(max_length=40)] | None = None
    latest_by: Annotated[Text, Field(max_length=40)] | None = None


class RecipientsRequest(PageRequest):
    """`list_recipients`."""

    campaign_id: Id
    state: PersonState | None = None


class ResolveRequest(CampaignRequest):
    """`resolve_recipients`."""

    customer_ids: Annotated[list[CustomerId], Field(min_length=1, max_length=MOST_RESOLVED)]
    action: Literal["resend", "close"]


class MailsRequest(PageRequest):
    """`list_mails`."""

    customer_id: CustomerId


def _save(services: Services, _caller: Caller, request: SaveRequest) -> Mapping[str, object]:
    from crm.campaigns.composed import problems_of, told, unfit

    wanted, doubts = saving.written(
        services.runner,
        name=request.name,
        subject=request.subject,
        preview=request.preview,
        body=(request.body.format, request.body.source),
        segment=text.parse(request.segment),
        sender=request.sender,
        reply_to=request.reply_to,
    )
    problems = problems_of(services.settings, wanted)
    campaign = saving.save(
        services.runner, wanted, request.campaign_id, request.revision, unfit=unfit(problems)
    )
    answer = _answer(services, campaign)
    return {**answer, "problems": told(problems), "warnings": to_data(doubts)}


def _list(services: Services, caller: Caller, request: ListRequest) -> Mapping[str, object]:
    return saving.list_campaigns(
        services.store,
        pager_of(services, caller, request),
        services.settings.time_zone,
        request.rule,
        by_rules=request.by_rules,
    )


def _get(services: Services, _caller: Caller, request: CampaignRequest) -> Mapping[str, object]:
    from crm.campaigns.totals import all_counts

    return {"campaign": saving.get_campaign(services.runner, all_counts, request.campaign_id)}


def _results(services: Services, _caller: Caller, request: ResultsRequest) -> Mapping[str, object]:
    from crm.campaigns.results import DAYS, results

    campaign = find_campaign(services.runner, request.campaign_id)
    found = results(services.runner, campaign, DAYS if request.days is None else request.days)
    return {"results": found.to_data()}


def _delete(services: Services, _caller: Caller, request: CampaignRequest) -> Mapping[str, object]:
    saving.delete_campaign(services.runner, request.campaign_id)
    return {"campaignId": request.campaign_id}


def _preview(services: Services, _caller: Caller, request: PreviewRequest) -> Mapping[str, object]:
    from crm.campaigns.previewing import preview

    campaign = find_campaign(services.runner, request.campaign_id)
    return preview(services.runner, campaign, request.customer_id, _landing(services))


def _test(services: Services, _caller: Caller, request: TryRequest) -> Mapping[str, object]:
    from crm.campaigns.trying import send_test

    campaign = find_campaign(services.runner, request.campaign_id)
    landing = _landing(services)
    return send_test(services.runner, services.mailer, campaign, request.to, landing)


def _send(services: Services, _caller: Caller, request: SendRequest) -> Mapping[str, object]:
    from crm.campaigns.composed import look_over
    from crm.campaigns.control import send

    def fit(campaign: Campaign) -> None:
        services.mailer().close()  # refuses where none is set up; no connection is opened
        look_over(services.settings)(campaign)

    campaign = send(
        services.runner,
        services.enqueue,
        request.campaign_id,
        request.expected,
        _instant(services, "at", request.at),
        _instant(services, "latestBy", request.latest_by),
        later=services.later,
        look_over=fit,
    )
    return _answer(services, campaign)


def _pause(services: Services, _caller: Caller, request: CampaignRequest) -> Mapping[str, object]:
    from crm.campaigns.control import pause

    return _answer(services, pause(services.runner, request.campaign_id))


def _resume(services: Services, _caller: Caller, request: CampaignRequest) -> Mapping[str, object]:
    from crm.campaigns.control import resume

    campaign_id, later = request.campaign_id, services.later
    return _answer(services, resume(services.runner, services.enqueue, campaign_id, later=later))


def _cancel(services: Services, _caller: Caller, request: CampaignRequest) -> Mapping[str, object]:
    from crm.campaigns.control import cancel

    return _answer(services, cancel(services.runner, request.campaign_id))


def _recipients(
    services: Services, caller: Caller, request: RecipientsRequest
) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    return list_recipients(services.runner, pager, request.campaign_id, request.state)


def _resolve(services: Services, _caller: Caller, request: ResolveRequest) -> Mapping[str, object]:
    from crm.campaigns.resolving import resolve

    ids = request.customer_ids
    return {
        "resolved": resolve(
            services.runner, services.enqueue, request.campaign_id, ids, request.action
        )
    }


def _mails(services: Services, caller: Caller, request: MailsRequest) -> Mapping[str, object]:
    who = CustomerRef("customerId", request.customer_id)
    return list_mails(services.runner, pager_of(services, caller, request), who)


def _answer(services: Services, campaign: Campaign) -> dict[str, object]:
    return {"campaign": shown(campaign, services.settings.time_zone)}


def _instant(services: Services, name: str, said: str | None) -> datetime | None:
    return None if said is None else instant_of(said, services.settings.time_zone, name)


def _landing(services: Services) -> str:
    return unsubscribe_link.landing(services.settings.newsletter, services.function_url)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "save_campaign": Call(Role.EDITOR, SaveRequest, CampaignSaved, _save),
    "list_campaigns": Call(Role.VIEWER, ListRequest, CampaignsPage, _list),
    "get_campaign": Call(Role.VIEWER, CampaignRequest, CampaignShown, _get),
    "get_campaign_results": Call(Role.VIEWER, ResultsRequest, CampaignResults, _results, HEAVY),
    "delete_campaign": Call(Role.EDITOR, CampaignRequest, CampaignDeleted, _delete),
    "preview_campaign": Call(Role.EDITOR, PreviewRequest, CampaignPreview, _preview, HEAVY),
    "test_campaign": Call(Role.EDITOR, TryRequest, CampaignTested, _test, TESTS),
    "send_campaign": Call(Role.EDITOR, SendRequest, CampaignShown, _send, HEAVY),
    "pause_campaign": Call(Role.EDITOR, CampaignRequest, CampaignShown, _pause),
    "resume_campaign": Call(Role.EDITOR, CampaignRequest, CampaignShown, _resume),
    "cancel_campaign": Call(Role.EDITOR, CampaignRequest, CampaignShown, _cancel),
    "list_recipients": Call(Role.VIEWER, RecipientsRequest, RecipientsPage, _recipients),
    "resolve_recipients": Call(Role.EDITOR, ResolveRequest, RecipientsResolved, _resolve, HEAVY),
    "list_mails": Call(Role.VIEWER, MailsRequest, MailsPage, _mails),
}
