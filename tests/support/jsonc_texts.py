"""Random JSON with comments, as text and as what it says."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _TEXTS | st.floats(-1e6, 1e6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)

BLANKS = ["", "", " ", "\n", "\n  ", "\r\n\t", ' // [ " {\n', "/* ] } */", "\n  // ,\n  "]


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Any]:
    """Return a text and what it says: an object."""
    value = draw(st.dictionaries(_TEXTS, VALUES, max_size=4))
    random = draw(st.randoms(use_true_random=False))
    mark = random.choice(["", "", "\ufeff"])
    return mark + _blank(random) + _written(value, random) + _blank(random), value


def _written(value: Any, random: Random) -> str:
    if isinstance(value, dict | list) and random.random() < 0.3:
        return json.dumps(value, indent=random.choice([None, 2, "\t"]))
    if isinstance(value, dict):
        pairs = [
            _text(key, random) + _blank(random) + ":" + _blank(random) + _written(one, random)
            for key, one in value.items()
        ]
        return "{" + _parts(pairs, random) + "}"
    if isinstance(value, list):
        return "[" + _parts([_written(one, random) for one in value], random) + "]"
    return _text(value, random)


def _parts(parts: list[str], random: Random) -> str:
    closed = "," if parts and random.random() < 0.3 else ""
    inner = ",".join(_blank(random) + part + _blank(random) for part in parts)
    return inner + closed + _blank(random)


def _text(value: Any, random: Random) -> str:
    return json.dumps(value, ensure_ascii=random.random() < 0.5)


def _blank(random: Random) -> str:
    return random.choice(BLANKS)
