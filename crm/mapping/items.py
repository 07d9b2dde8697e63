"""Where the tickets of an order may be, and what of an item says what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from crm.mapping.evidence import Option, Sample, best, dotted, share, times
from crm.mapping.fields import ELEMENT, Path, Seen, is_reference
from crm.mapping.words import CANCELLED, fit, tokens

LIKELY: Final = 1.5
"""The weight of a list that is called as lists of tickets are, and whose elements name an event."""

EVENTS: Final = 3
"""Ways to tell the event of an item that are tried for one list."""


def items(sample: Sample) -> list[Option]:
    """Return where the items may be: a list, a map read as one, or the document itself."""
    found: list[Option] = []
    for path, value, weight in _lists(sample):
        inner = sample.below((*path, ELEMENT))
        found += [
            Option(value, weight + event.weight, {"item": _item(inner, sample, event)})
            for event in _events(inner, sample)
        ]
    # A document is its own ticket only where it holds no list of them.
    if not any(option.weight > LIKELY for option in found):
        found += [
            Option({"document": True}, event.weight, {"item": _item(sample, None, event)})
            for event in _events(sample, None)
        ]
    return [*best(found, 8), Option([], 0.0)]


def _lists(sample: Sample) -> Iterable[tuple[Path, object, float]]:
    for seen in sample.fields.values():
        maps = sample.fields.get((*seen.path, ELEMENT))
        if seen.in_list or maps is None or maps.share("map") < 0.5:
            continue
        path = seen.path
        named = fit("items", path) or (len(path) > 1 and fit("items", path[:-1])) or 0.0
        whole = 0.3 * seen.documents / max(1, sample.total)
        value: object = dotted(path)
        if seen.share("map") == 1:
            value = {"path": dotted(path), "values": True}
        yield path, value, (named or -0.5) + whole


def _events(inner: Sample, order: Sample | None) -> list[Option]:
    """Return what may tell the event of an item, its own fields before the order's."""
    found = []
    for where, one in (("", inner), ("^", order)):
        for seen in one.plain() if one else ():
            name = fit("eventId", seen.path)
            if name <= 0.4 or share(seen.values, _is_event) < 0.9:
                continue
            whole = seen.documents / max(1, inner.total)
            # What is sold is an event only where nothing else is one.
            goods = {"product", "item", "sku"} & {*tokens(seen.path[-1]), *tokens(seen.path[0])}
            weight = name + 0.3 * whole - (0.2 if where else 0.0) - (0.6 if goods else 0.0)
            note = "each product is taken for an event" if goods else ""
            found.append(Option(where + dotted(seen.path), weight, note=note))
    return best(found, EVENTS)


def _is_event(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return bool(value.strip()) and len(value.encode()) <= 256
    return isinstance(value, int) or is_reference(value)


def _item(inner: Sample, order: Sample | None, event: Option) -> dict[str, Option]:
    """Return what else an item says."""
    found = {"eventId": event}
    both = (("", inner), ("^", order))
    for role, holds in _OTHERS.items():
        options = [
            Option(where + dotted(seen.path), fit(role, seen.path) - (0.3 if where else 0.0))
            for where, one in both
            for seen in (one.plain() if one and not (where and role in _OWN) else ())
            if fit(role, seen.path) > 0.5
            and share(seen.values, holds) > 0.9
            and (role in _OWN or one is not (order or inner) or _of_event(seen.path))
        ]
        if options:
            found[role] = best(options, 1)[0]
    starts = [
        Option(f"{where}{one.value}", one.weight - (0.3 if where else 0.0), one.needs)
        for where, sample in both
        if sample
        for one in times(sample, "eventStartsAt")
        if one.value
        and (sample is not (order or inner) or _of_event(tuple(str(one.value).split("."))))
    ]
    if starts:
        found["eventStartsAt"] = best(starts, 1)[0]
    if "eventName" in found and "product" in str(found["eventName"].value) and not event.note:
        del found["eventName"]  # what is sold is a ticket, where something else is the event
    if checked := _checked_in(inner):
        found["checkedIn"] = checked
    if cancelled := _cancelled(inner, words=order is not None):
        found["cancelled"] = cancelled
    return found


def _of_event(path: Path) -> bool:
    """Return whether a field of an order is about an event: its name alone may be the buyer's."""
    return bool(_EVENT & {word for name in path for word in tokens(name)})


_EVENT: Final = frozenset(
    {
        "event",
        "start",
        "starts",
        "begin",
        "begins",
        "beginn",
        "show",
        "concert",
        "evento",
        "evenement",
        "veranstaltung",
    }
)

_OWN: Final = ("quantity",)

_OTHERS: Final[dict[str, Any]] = {
    "eventName": lambda value: isinstance(value, str),
    "quantity": lambda value: type(value) in (int, float) and 0 < value <= 10_000,
}


def _checked_in(inner: Sample) -> Option | None:
    found: list[Option] = []
    for seen in inner.fields.values():
        name = fit("checkedIn", seen.path)
        if name <= 0.5 or ELEMENT in seen.path:
            continue
        if seen.share("list") == 1 or seen.share("map") == 1:
            value: object = {"path": dotted(seen.path), "nonempty": True}
            found.append(Option(value, name + 0.5))
        elif not seen.values or not any(isinstance(one, list | dict) for one in seen.values):
            found.append(Option(dotted(seen.path), name))
    found = best(found, 2)
    if len(found) == 2 and isinstance(found[0].value, dict):  # older documents have the other one
        return Option([found[0].value, found[1].value], found[0].weight)
    return found[0] if found else None


def _cancelled(inner: Sample, *, words: bool) -> Option | None:
    """Return what says that an item is no ticket any more; its state, where it has one itself."""
    found: list[Option] = []
    for seen in inner.plain():
        name = fit("cancelled", seen.path)
        if name > 0.5 and seen.share("true/false") == 1:
            found.append(Option(dotted(seen.path), name))
    found = best(found, 2)
    values: list[object] = [{"path": one.value, "is": True} for one in found]
    values += [
        {"path": dotted(seen.path), "is": word}
        for seen in inner.plain()
        if fit("status", seen.path) > 0.5
        for word in (_void_words(seen) if words else ())
    ]
    return Option(values if len(values) > 1 else values[0], 1.0) if values else None


def _void_words(seen: Seen) -> list[str]:
    return sorted(word for word in seen.words if word.casefold() in CANCELLED)
