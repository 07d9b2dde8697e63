"""Rules: what is done by itself, and what it did."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Audience, Doubt, Moment, Page, Problem, SegmentJson


class Days(TypedDict):
    """A number of days."""

    days: int


class AfterEvent(Days):
    """So many days after an event's, at a time as the organiser's clock shows it."""

    at: str


class Enters(TypedDict):
    """When somebody enters a segment."""

    enters: SegmentJson


class EventEnded(TypedDict):
    """When an event is over."""

    eventEnded: AfterEvent


class SinceLastOrder(TypedDict):
    """When somebody has not ordered for so many days."""

    sinceLastOrder: Days


class OnSubscribed(TypedDict):
    """When somebody subscribes."""

    subscribed: Literal[True]


class ChangesTags(TypedDict):
    """The rule adds and removes tags: labels of those to add, ids of those to remove."""

    addTags: list[str]
    removeTags: list[str]


class SendsCampaign(TypedDict):
    """The rule sends what a draft says."""

    send: str


class Rule(TypedDict):
    """A rule."""

    ruleId: str
    revision: int
    name: str
    on: bool
    when: Enters | EventEnded | SinceLastOrder | OnSubscribed
    only: SegmentJson | None
    once: Literal["ever", "event"] | Days
    then: ChangesTags | SendsCampaign
    most: int
    since: Moment | None
    paused: str | None
    waiting: int | None
    createdAt: Moment
    updatedAt: Moment
    acted: NotRequired[int]


class RuleSaved(TypedDict):
    """`save_rule`."""

    rule: Rule
    warnings: list[Doubt]


class RulesPage(Page):
    """`list_rules`."""

    rules: list[Rule]


class RuleDeleted(TypedDict):
    """`delete_rule`."""

    ruleId: str


class RuleRun(TypedDict):
    """What a rule did, once."""

    ruleId: str
    rule: str | None
    """Its name; null where it was deleted."""
    customerId: str | None
    did: Literal["tags", "send"]
    eventId: str | None
    campaignId: str | None
    at: Moment


class RuleRunsPage(Page):
    """`list_rule_runs`."""

    runs: list[RuleRun]


class RulePerson(TypedDict):
    """Somebody whom a rule is about."""

    customerId: str
    name: str | None
    email: str | None
    excluded: str | None
    """Why it would not act on the person."""
    dueAt: Moment | None


class RuleEvent(TypedDict):
    """An event that a rule is about."""

    eventId: str
    name: str | None
    startsAt: Moment
    dueAt: Moment
    dueLocal: str
    people: int
    begun: bool


class RulePreview(TypedDict):
    """`preview_rule`."""

    matching: int
    people: list[RulePerson]
    events: list[RuleEvent]
    audience: Audience | None
    most: int
    pauses: bool
    problems: list[Problem]
    warnings: list[Doubt]
