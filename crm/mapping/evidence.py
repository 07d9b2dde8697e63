"""What a sample holds for one of our fields: where it may be, likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crm.core.email import canonical_or_none
from crm.core.money import DIGITS
from crm.mapping.fields import (
    DECIMAL,
    ELEMENT,
    ISO,
    Path,
    Seen,
    is_reference,
    kind_of,
    shown_words,
)
from crm.mapping.words import (
    AGAINST,
    NAMES,
    NEARBY,
    fit,
    is_address_part,
    is_status_name,
    tokens,
    verdict,
)

BEST: Final = 5
"""Options that are tried for one field."""

UID: Final = 20
"""Characters from which a text may be a uid of Firebase Auth, which has 28; other systems' ids of
people are numbers or shorter."""


@dataclass(frozen=True)
class Option:
    """One way to say where a field is.

    Attributes:
        value: What `crm.toml` says.
        weight: How likely it is, by names and values.
        needs: What else must be said then: kinds of times, the unit of amounts, words.
        note: What the engineer should know of it.
    """

    value: object
    weight: float
    needs: Mapping[str, object] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Sample:
    """Documents, or the items of documents, by their fields.

    Attributes:
        fields: What there is, by paths from the document or the item.
        total: How many documents there are.
        users: Ids of users that are known to be there.
        path: Where the documents are, as `crm.toml` says it.
    """

    fields: Mapping[Path, Seen]
    total: int
    users: frozenset[str] = frozenset()
    path: str = ""

    def plain(self) -> Iterable[Seen]:
        """Return the fields that a plain path reaches."""
        return (seen for seen in self.fields.values() if not seen.in_list and _plain(seen.path))

    def below(self, items: Path) -> Sample:
        """Return the items of a list as a sample of their own."""
        depth = len(items)
        return Sample(
            {
                path[depth:]: Seen(
                    path[depth:], seen.documents, seen.total, seen.kinds, seen.values, seen.words
                )
                for path, seen in self.fields.items()
                if len(path) > depth and path[:depth] == items
            },
            self.total,
        )


def _plain(path: Path) -> bool:
    return all("." not in key for key in path)


def dotted(path: Path) -> str:
    """Return a path as `crm.toml` writes it."""
    return ".".join(path)


def best(options: Iterable[Option], most: int = BEST) -> list[Option]:
    """Return the likeliest options."""
    return sorted(options, key=lambda one: -one.weight)[:most]


def is_amount(value: object) -> bool:
    """Return whether a value can be an amount of money."""
    if isinstance(value, str):
        return bool(DECIMAL.fullmatch(value.strip()))
    return isinstance(value, int | float) and not isinstance(value, bool)


def share(values: Sequence[object], holds: object) -> float:
    """Return for how many values something holds, from 0 to 1; blanks aside."""
    there = [one for one in values if not (isinstance(one, str) and not one.strip())]
    assert callable(holds)
    return sum(bool(holds(one)) for one in there) / len(there) if there else 0.0


def emails(sample: Sample) -> list[Option]:
    """Return where the buyer's address may be; several where the first is not always there."""
    found = []
    for seen in sample.plain():
        valid = share(seen.values, lambda one: canonical_or_none(one) is not None)
        if valid < 0.5:
            continue
        near = 0.2 * any(NEARBY & {*tokens(key), key} for key in seen.path[:-1])
        whole = seen.documents / max(1, sample.total)
        found.append(Option(dotted(seen.path), valid * whole + fit("email", seen.path) + near))
    found = best(found)
    if len(found) > 1 and found[1].weight > 0.5:
        both = [found[0].value, found[1].value]
        found.insert(1, Option(both, found[0].weight - 0.1))
    return [*found, Option([], 0.0)]


def uids(sample: Sample) -> list[Option]:
    """Return where the uid may be; only where something shows that it is one of Firebase Auth."""
    found = []
    for seen in sample.plain():
        name = fit("userId", seen.path)
        references = [one for one in seen.values if is_reference(one)]
        texts = [one for one in seen.values if isinstance(one, str) and one.strip()]
        if AGAINST["userId"] & set(tokens(seen.path[-1])):
            continue
        people = share(references, _is_to_a_user) > 0.8
        if (name > 0.5 or people) and len(references) >= 0.8 * len(seen.values) > 0:
            found.append(Option(dotted(seen.path), 1 + name))
        elif texts and sample.users & set(texts):
            found.append(Option(dotted(seen.path), 2.0))
        elif name > 0.8 and texts and share(texts, _is_like_a_uid) > 0.8:
            found.append(Option(dotted(seen.path), name))
    return [*best(found, 2), Option([], 0.0)]


def _is_to_a_user(reference: Any) -> bool:
    """Return whether a reference is to a document of a collection of people."""
    collection = str(reference.path).split("/")[-2:-1]
    return bool(collection) and fit("usersPath", collection) > 0.8


def _is_like_a_uid(text: str) -> bool:
    return len(text) >= UID and text.isalnum() and not text.isdigit()


def names(sample: Sample, near: str) -> list[Option]:
    """Return where the buyer's name may be: beside the address, or in two fields."""
    found = []
    home = tuple(near.split(".")[:-1])
    halves: dict[Path, dict[str, tuple[float, str]]] = {}
    for seen in sample.plain():
        if share(seen.values, lambda one: isinstance(one, str)) < 0.9:
            continue
        beside = 0.3 if seen.path[:-1] == home else 0.0
        weight = fit("name", seen.path)
        if weight > 0.3 and not is_status_name(tokens(seen.path[-1])):
            found.append(Option(dotted(seen.path), weight + beside))
        for half in ("firstName", "lastName"):
            if (weight := fit(half, seen.path)) > 0.6:
                held = halves.setdefault(seen.path[:-1], {})
                held[half] = max(held.get(half, (0.0, "")), (weight, dotted(seen.path)))
    for parent, held in halves.items():
        if len(held) == 2:
            beside = 0.3 if parent == home else 0.0
            join = {"join": [held["firstName"][1], held["lastName"][1]]}
            found.append(Option(join, 0.9 + beside))
    return [*best(found, 3), Option([], 0.0)]


def statuses(sample: Sample) -> list[Option]:
    """Return where the state of an order may be, with its words sorted."""
    found = []
    for seen in sample.plain():
        texts = [one for one in seen.values if isinstance(one, str) and one.strip()]
        name = fit("status", seen.path)
        if texts and len(texts) == len(seen.values) and not is_address_part(seen.path):
            words = shown_words(seen)
            known = share(texts, lambda word: verdict(str(word)) is not None)
            whole = seen.documents / max(1, sample.total)
            shown = share(texts, words.__contains__)
            if shown >= 0.5 and (name or known > 0.9):
                needs = {"words": _sorted(words)}
                found.append(Option(dotted(seen.path), name + known + whole, needs))
        elif (name := fit("paid", seen.path)) > 0.5 and seen.share("true/false") == 1:
            where = dotted(seen.path)
            value = [
                {"path": where, "is": True, "const": "paid"},
                {"path": where, "is": False, "const": "pending"},
            ]
            needs = {"words": (["paid"], ["pending"], [])}
            found.append(Option(value, name, needs))
    named = any(
        tokens(seen.path[-1]) in NAMES["status"] and seen.share("text") > 0.5
        for seen in sample.plain()
        if not is_address_part(seen.path)
    )
    if named:  # its words are the host's to sort
        return best(found)
    always = Option(
        [{"const": "paid"}],
        -1.0,
        {"words": (["paid"], [], [])},
        "no field says how far an order is: so every document counts as paid",
    )
    return [*best(found), always]


def _sorted(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    counted = sorted(word for word in words if verdict(word) is True)
    known = sorted(word for word in words if verdict(word) is False)
    unknown = sorted(word for word in words if verdict(word) is None)
    return counted, known, unknown


def totals(sample: Sample, role: str = "total") -> list[Option]:
    """Return where an amount may be, and its unit."""
    found = []
    for seen in sample.plain():
        name = fit(role, seen.path)
        if name <= 0.3 or share(seen.values, is_amount) < 0.8:
            continue
        whole = seen.documents / max(1, sample.total)
        unit, note = _unit(seen)
        shallow = -0.05 * (len(seen.path) - 1)
        weight = name + shallow + (whole if role == "total" else 0.0)
        found.append(Option(dotted(seen.path), weight, {"amounts": unit}, note))
    if role == "refunded":
        found += _sums(sample)
    return best(found)


def _sums(sample: Sample) -> Iterable[Option]:
    for seen in sample.fields.values():
        if seen.path.count(ELEMENT) != 1 or seen.path[1:2] != (ELEMENT,) or not _plain(seen.path):
            continue
        of = {*tokens(seen.path[0])}
        amounts = share(seen.values, is_amount) > 0.9 and fit("total", seen.path) > 0.5
        if amounts and of & {"refund", "refunds", "refunded"}:
            path = ".".join(key for key in seen.path if key != ELEMENT)
            below = any(str(one).startswith("-") for one in seen.values)
            value = {"sum": path, "negative": True} if below else {"sum": path}
            yield Option(value, 0.7, {"amounts": _unit(seen)[0]})


def _unit(seen: Seen) -> tuple[str, str]:
    """Return the unit of amounts, as their digits and their name say; whole numbers may be both."""
    if not all(isinstance(one, int) for one in seen.values):
        return "major", ""
    words = {*tokens(seen.path[-1]), *(tokens(seen.path[-2]) if len(seen.path) > 1 else ())}
    named = words & {"cents", "cent", "minor", "pence", "centimes", "centavos", "ore"}
    paid = sorted(one for one in seen.values if isinstance(one, int) and one > 0)
    large = bool(paid) and paid[len(paid) // 2] >= 1_000
    even = share(paid, lambda one: int(str(one)) % 5 == 0) >= 0.8
    if named or (large and even):
        return "minor", "whole numbers are taken for minor units: 4990 is 49.90"
    return "major", "whole numbers are taken for major units: 50 is 50.00"


def currencies(sample: Sample) -> list[Option]:
    """Return where the currency may be, or one to correct."""
    found = []
    for seen in sample.plain():
        codes = share(seen.values, lambda one: isinstance(one, str) and one.upper() in DIGITS)
        name = fit("currency", seen.path)
        if codes >= 0.8 and (name or codes == 1):
            whole = seen.documents / max(1, sample.total)
            found.append(Option(dotted(seen.path), name + codes + whole))
    guess = Option(
        {"const": "EUR"}, -1.0, note="no field holds a currency: write yours in place of EUR"
    )
    gaps = [Option([one.value, guess.value], one.weight - 1.5) for one in found[:1]]
    return [*best(found, 3), *gaps, guess]


def times(sample: Sample, role: str) -> list[Option]:
    """Return where a time may be, and how it is written."""
    found = []
    for seen in sample.plain():
        name = fit(role, seen.path)
        if name <= 0.3:
            continue
        kinds = {_kind_of_time(one) for one in seen.values}
        if None in kinds or not kinds:
            continue
        whole = seen.documents / max(1, sample.total)
        written = sorted({str(kind).removesuffix("-local") for kind in kinds} - {"timestamp"})
        needs = {"times": tuple(written), "zone": "iso-local" in kinds}
        found.append(Option(dotted(seen.path), name + whole, needs))
    return [*best(found, 3), Option([], 0.0)]


def _kind_of_time(value: object) -> str | None:
    if isinstance(value, datetime):
        return "timestamp"
    if kind_of(value) in {"whole number", "number"}:
        assert isinstance(value, int | float)
        if 10**8 <= value < 10**10:
            return "unix"
        return "unix_ms" if 10**11 <= value < 10**13 else None
    if isinstance(value, str) and ISO.fullmatch(value.strip()):
        try:
            return "iso" if datetime.fromisoformat(value).utcoffset() is not None else "iso-local"
        except ValueError:
            return None
    return None
