"""The lines of `crm.toml` with which most of a sample is understood, found by trying them.

Names and values of fields make a few options for each of ours (`evidence`, `items`). From the
likeliest of each, one field after another takes the option with which the reader itself, the one
that events call, understands most. So what is proposed has been tried, and the numbers are its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from crm.config.orders import Orders
from crm.config.settings import Settings, preset_names, settings_of
from crm.core.errors import ConfigError, InvalidDocument
from crm.host.reader import read_order, read_user
from crm.mapping import evidence
from crm.mapping.evidence import Option, Sample
from crm.mapping.fields import look_at, shown_words
from crm.mapping.items import items
from crm.mapping.words import fit, verdict

FITS: Final = 0.9
"""The share of documents that a preset or a file must understand to be left alone."""

ROUNDS: Final = 2

SEARCHED: Final = 60
"""Documents that options are tried on; what comes of it is tried on all of them."""

PATH: Final = Orders().path
"""Where orders are, where `crm.toml` says nothing else."""

Document = tuple[Mapping[str, object], datetime]
"""Fields, beside what the path says of a pattern's wildcards; and when the document was created."""


@dataclass
class Trial:
    """What the reader makes of a sample under one mapping.

    Attributes:
        understood: Documents that it understands.
        total: Documents.
        reasons: Quarantine reason to how many are kept out by it.
        counted: Understood orders that count.
        with_tickets: Understood orders that hold a ticket.
        named: Understood orders with a name or a uid.
        odd: Odd items, by reason.
    """

    understood: int = 0
    total: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    with_tickets: int = 0
    named: int = 0
    odd: Counter[str] = field(default_factory=Counter)

    @property
    def rank(self) -> tuple[int, int, int]:
        """What a better mapping has more of."""
        return self.understood, self.with_tickets, -self.odd.total()

    @property
    def fits(self) -> bool:
        """Whether (nearly) all is understood, and there are documents."""
        return self.total > 0 and self.understood >= FITS * self.total


@dataclass(frozen=True)
class Proposal:
    """Lines for `crm.toml`, and what is understood with them.

    Attributes:
        document: What the file says, as TOML is read.
        trial: What is understood with it.
        notes: What the engineer should look at, by the key that it is about.
    """

    document: Mapping[str, Any]
    trial: Trial
    notes: Mapping[str, str] = field(default_factory=dict)


def try_orders(documents: Sequence[Document], settings: Settings) -> Trial:
    """Read every order of a sample."""
    trial = Trial(total=len(documents))
    for data, created in documents:
        try:
            order = read_order(data, created, settings)
        except InvalidDocument as error:
            trial.reasons[error.reason] += 1
            continue
        trial.understood += 1
        trial.counted += order.counted
        trial.with_tickets += bool(order.events)
        trial.named += bool(order.name or order.user_id)
        trial.odd.update(item.reason for item in order.odd_items)
    return trial


def try_users(documents: Sequence[Document], settings: Settings) -> Trial:
    """Read every user of a sample; one without an address is understood, and nobody by it."""
    trial = Trial(total=len(documents))
    for data, _ in documents:
        user = read_user(data, settings)
        if user.unreadable:
            trial.reasons[user.unreadable] += 1
        elif user.email is None:
            trial.reasons["email-missing"] += 1
        else:
            trial.understood += 1
            trial.named += user.name is not None
    return trial


def propose(
    documents: Sequence[Document], users: frozenset[str] = frozenset(), path: str = PATH
) -> Proposal | None:
    """Return what understands most of a sample of orders; None where nothing understands any.

    The defaults are taken before a preset, and a preset before lines of our own, where they fit.

    Args:
        documents: The sample.
        users: Ids of users, by which a uid on an order is known.
        path: Where the orders are, as `crm.toml` is to say it.
    """
    if not documents:
        return None
    sample = Sample(look_at([data for data, _ in documents]), len(documents), users, path)
    step = -(-len(documents) // SEARCHED)
    own = _pruned(documents, sample, _search(documents[::step], sample))
    there: dict[str, Any] = {} if path == PATH else {"orders": {"path": path}}
    ready = [_with_words(documents, sample, there)]
    ready += [_with_words(documents, sample, {"preset": name, **there}) for name in preset_names()]
    found = max(ready, key=lambda one: one.trial.rank)
    enough = found.trial.understood >= FITS * own.trial.understood
    if found.trial.fits and enough and found.trial.with_tickets >= FITS * own.trial.with_tickets:
        return found
    return own if own.trial.understood else None


def _pruned(documents: Sequence[Document], sample: Sample, own: Proposal) -> Proposal:
    """Leave out what the defaults say anyway."""
    document = {key: value for key, value in own.document.items() if value != _DEFAULTS.get(key)}
    orders = dict(document["orders"])
    for table in ("fields", "items"):
        kept = {
            role: value
            for role, value in orders.get(table, {}).items()
            if value != _DEFAULTS[table].get(role, [])
            and not (value == [] and (_DEFAULTS[table][role],) not in sample.fields)
        }
        orders[table] = kept
        if not kept:
            del orders[table]
    document["orders"] = orders
    try:
        settings = settings_of(document)
    except ConfigError:
        return Proposal(document, Trial(total=len(documents)))
    return Proposal(document, try_orders(documents, settings), own.notes)


_DEFAULTS: Final[Mapping[str, Any]] = {
    "amounts": "major",
    "fields": {
        role: role
        for role in (
            *("email", "userId", "name", "phone", "status", "total", "refunded", "currency"),
            *("createdAt", "marketingOptIn", "items"),
        )
    },
    "items": {role: role for role in ("eventId", "eventName", "eventStartsAt", "quantity")}
    | {"checkedIn": "checkedIn"},
}


def _with_words(
    documents: Sequence[Document], sample: Sample, document: dict[str, Any]
) -> Proposal:
    """Try a ready mapping; with further words for states, where the documents have some."""
    settings = settings_of(document)
    trial = try_orders(documents, settings)
    if not trial.reasons["status-unknown"] or 2 * trial.understood < trial.total:
        return Proposal(document, trial)
    words, found = settings.orders.status, set[str]()
    for source in settings.orders.fields.status:
        if source.path in sample.fields:
            found |= {*shown_words(sample.fields[source.path])}
    orders = dict(document.get("orders", {}))
    more = sorted(found - {*words.counted, *words.not_counted})
    unknown = [word for word in more if verdict(word) is None]
    paid = [word for word in more if verdict(word)]
    document = {**document, "orders": {**orders, "status": {}}}
    if paid:
        document["orders"]["status"]["counted"] = [*words.counted, *paid]
    rest = [word for word in more if word not in paid]
    document["orders"]["status"]["not_counted"] = [*words.not_counted, *rest]
    notes = {"not_counted": _to_decide(unknown)} if unknown else {}
    return Proposal(document, try_orders(documents, settings_of(document)), notes)


def _to_decide(words: Sequence[str]) -> str:
    return f"move to counted what is paid: {', '.join(words)}"


Choice = dict[str, Option]


def _search(documents: Sequence[Document], sample: Sample) -> Proposal:
    """Try the likeliest option of each field, then the others, one field at a time."""
    options = _options(sample)
    if sample.path != PATH:
        options["path"] = [Option(sample.path, 1.0)]
    chosen = {role: found[0] for role, found in options.items() if found}
    best = _tried(documents, chosen)
    consent = _consent(sample)
    for _ in range(ROUNDS):
        before = best.trial.rank
        for role, found in options.items():
            for option in found[1:]:
                if option is chosen.get(role):
                    continue
                other = _tried(documents, {**chosen, role: option})
                if _is_better(other.trial, best.trial, role, option):
                    chosen, best = {**chosen, role: option}, other
        if best.trial.rank == before:
            break
    if consent:
        best = replace(best, notes={**best.notes, "marketingOptIn": consent})
    return best


def _is_better(other: Trial, best: Trial, role: str, option: Option) -> bool:
    """Return whether an option is to be taken instead of a likelier one."""
    if option.value == []:  # to leave a field out must pay
        return other.understood > best.understood + (1 - FITS) * best.total
    if role == "items":  # a few more tickets are those that somebody has cancelled
        enough = other.understood >= best.understood
        return enough and other.with_tickets > 2 * best.with_tickets
    return other.rank > best.rank


def _options(sample: Sample) -> dict[str, list[Option]]:
    addresses = evidence.emails(sample)
    near = next((str(one.value) for one in addresses if isinstance(one.value, str)), "")
    return {
        "email": addresses,
        "status": evidence.statuses(sample),
        "total": evidence.totals(sample),
        "currency": evidence.currencies(sample),
        "createdAt": evidence.times(sample, "createdAt"),
        "items": items(sample),
        "userId": evidence.uids(sample),
        "name": evidence.names(sample, near),
        "phone": _by_name(sample, "phone", "text"),
        "refunded": [*evidence.totals(sample, "refunded"), Option([], 0.0)],
        "test": _by_name(sample, "test", "true/false")[:1],
    }


def _by_name(sample: Sample, role: str, kind: str) -> list[Option]:
    found = [
        Option(evidence.dotted(seen.path), fit(role, seen.path))
        for seen in sample.plain()
        if fit(role, seen.path) > 0.5 and seen.share(kind) > 0.9
    ]
    return [*evidence.best(found, 1), Option([], 0.0)]


def _tried(documents: Sequence[Document], chosen: Choice) -> Proposal:
    document, notes = _composed(chosen)
    try:
        settings = settings_of(document)
    except ConfigError:
        return Proposal(document, Trial(total=len(documents)))
    return Proposal(document, try_orders(documents, settings), notes)


def _composed(chosen: Choice) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the file would say."""
    item: Mapping[str, Option] = chosen["items"].needs.get("item", {})  # type: ignore[assignment]
    every = {**chosen, **{f"items.{role}": one for role, one in item.items()}}
    notes = {role: one.note for role, one in every.items() if one.note}
    document: dict[str, Any] = {}
    if "total" in chosen:
        document["amounts"] = chosen["total"].needs.get("amounts", "major")
    written = sorted({str(k) for one in every.values() for k in _needed(one, "times")})
    if written:
        document["times"] = written[0] if len(written) == 1 else written
    if any(one.needs.get("zone") for one in every.values()):
        document["times_zone"] = "UTC"
        notes["times_zone"] = "times are written without a zone: name the one they are meant in"
    fields = {role: one.value for role, one in chosen.items() if role != "test" or one.value}
    path = fields.pop("path", None)
    document["orders"] = {**({"path": path} if path else {}), "fields": fields}
    if "status" in chosen:
        counted, not_counted, unknown = _needed(chosen["status"], "words")
        # Of words that nobody knows it is the host who says that they bring money.
        words = {"counted": counted or ["paid"], "not_counted": [*not_counted, *unknown]}
        document["orders"]["status"] = words
        if unknown:
            notes["not_counted"] = _to_decide(unknown)
    if item:
        document["orders"]["items"] = {role: one.value for role, one in item.items()}
        document["orders"]["items"].setdefault("quantity", {"const": 1})
    return document, notes


def _consent(sample: Sample) -> str | None:
    """Return what to ask oneself where a field may be an opt-in; it is never taken for one."""
    found = [one for one in sample.plain() if fit("marketingOptIn", one.path) > 0.5]
    found = [one for one in found if one.share("true/false") > 0.9]
    if not found:
        return None
    return (
        f'does true in "{evidence.dotted(found[0].path)}" mean that the buyer asked for news? Then'
        f' add marketingOptIn = "{evidence.dotted(found[0].path)}"'
    )


def _needed(option: Option, name: str) -> Any:
    return option.needs.get(name, ())


def propose_users(documents: Sequence[Document]) -> Proposal | None:
    """Return what finds an address on most users of a sample; None where nothing does."""
    sample = Sample(look_at([data for data, _ in documents]), len(documents))
    for address in evidence.emails(sample):
        if not isinstance(address.value, str):
            continue
        name = evidence.names(sample, address.value)[0]
        document = {"users": {"fields": {"email": address.value, "name": name.value}}}
        try:
            trial = try_users(documents, settings_of(document))
        except ConfigError:
            continue
        return Proposal(document, trial) if trial.understood else None
    return None
