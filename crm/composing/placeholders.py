"""Liquid, as far as mails need it: conditions, loops, and values that are written as marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

from liquid import BoundTemplate, Environment, Mode, RenderContext, Undefined
from liquid.ast import Node
from liquid.builtin import content, illegal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, LiquidInterrupt, OutputStreamLimitError
from liquid.output import LimitedStringIO

from crm.composing import filters
from crm.composing.filters import Moment
from crm.composing.marks import Marks, kept, key_of
from crm.composing.people import VARIABLES
from crm.composing.problems import Broken, CannotRender, Problem, line_of, meant

TAGS: Final[Mapping[str, str]] = {
    "if": "`{% if registered %} … {% elsif … %} … {% else %} … {% endif %}`",
    "unless": "`{% unless registered %} … {% endunless %}`",
    "case": "`{% case order_count %}{% when 1 %} … {% else %} … {% endcase %}`",
    "for": "`{% for event in events %} … {% endfor %}`, also with `limit:3`",
    "break": "ends a loop",
    "continue": "goes on with the next one",
    "assign": "`{% assign last = events | first %}`: gives a value a name",
    "comment": "`{% comment %} … {% endcomment %}`: is not sent",
    "#": "`{% # … %}`: is not sent",
}
"""Every tag there is. No other file is included by any."""

_ENDS: Final = frozenset({"elsif", "else", "when"})

MOST_TURNS: Final = 10_000
"""Turns of loops within each other."""

MOST_WRITTEN: Final = 400_000
"""Bytes that one template writes."""

MOST_ASSIGNED: Final = 200_000


_NOT_HERE: Final = re.compile(r"\{%-?\s*((?:end)?(?:raw|doc))\b")

_BLANKS: Final = re.compile(r"\s{201}")


class _Missing(Undefined):
    """No value: less than nothing else, equal to nothing else, and no error to compare."""

    __slots__ = ()

    def __liquid__(self) -> None:
        return None


class _Written(OutputNode):
    """`{{ … }}`: hands its value to who renders, and writes what that answers."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = text_of(self.expression.evaluate(context))
        assert isinstance(context, _Context)
        if not value.strip():
            context.missing.add(name_of(self))
        return buffer.write(context.written(value))


class _Output(Output):
    node_class = _Written


class _Environment(Environment):
    loop_iteration_limit = MOST_TURNS
    output_stream_limit = MOST_WRITTEN
    local_namespace_limit = MOST_ASSIGNED
    block_nesting_limit = 15

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        text = {content.Literal.name, illegal.Illegal.name}
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS or name in text}
        self.add_tag(_Output)
        filters.install(self)


class _Context(RenderContext):
    """Where a template is rendered for one person."""

    __slots__ = ("missing", "written")

    def __init__(self, template: BoundTemplate, values: Mapping[str, object]) -> None:
        super().__init__(template, globals=values)
        self.missing: set[str] = set()
        self.written: Callable[[str], str] = kept


_LIQUID: Final = _Environment(tolerance=Mode.STRICT, undefined=_Missing)


@dataclass(frozen=True, slots=True)
class Written:
    """What a template wrote for a person.

    Attributes:
        text: Its text, with values or their marks.
        values: The values, by the numbers of their marks.
        missing: Placeholders that had no value.
    """

    text: str
    values: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Placeholders:
    """A source that was read.

    Attributes:
        source: It.
        part: `subject`, `preview` or `body`: where problems are.
        template: As Liquid has it.
        used: Names of variables that it asks for.
    """

    source: str
    part: str
    template: BoundTemplate = field(repr=False)
    used: frozenset[str]

    @classmethod
    def read(cls, source: str, part: str) -> Placeholders:
        """Read a source.

        Raises:
            Broken: It is no Liquid.
        """
        _look_for_the_end(source, part)
        try:
            template = _LIQUID.from_string(source)
            used = frozenset(template.analyze().globals)
        except LiquidError as error:
            raise Broken([_problem(error, source, part)]) from None
        except RecursionError:
            message = "Fewer brackets and conditions within each other are needed."
            raise Broken([Problem("liquid", message, part, blocking=True)]) from None
        return cls(source, part, template, used)

    def plain(self, values: Mapping[str, object]) -> Written:
        """Return it with the values themselves, each one line of text.

        Raises:
            CannotRender: It fails with these values.
        """
        context = _Context(self.template, values)
        return Written(self._render(context), (), frozenset(context.missing))

    def marked(
        self, values: Mapping[str, object], marks: Marks, before: Iterable[str] = ()
    ) -> Written:
        """Return it with a mark for each value.

        Args:
            values: The values.
            marks: The marks.
            before: Values that have the first numbers, wherever they stand.

        Raises:
            CannotRender: It fails with these values.
        """
        held = [*before]
        size = 0

        def written(value: str) -> str:
            nonlocal size
            value = kept(value)
            size += len(value)
            if size > MOST_WRITTEN:  # a mark says nothing of how long its value is
                raise OutputStreamLimitError("output stream limit reached", token=None)
            held.append(value)
            return marks.mark(key_of(value), len(held) - 1)

        context = _Context(self.template, values)
        context.written = written
        return Written(self._render(context), tuple(held), frozenset(context.missing))

    def _render(self, context: _Context) -> str:
        # Not `template.render`, which copies the values, and knows no context but its own.
        buffer = LimitedStringIO(MOST_WRITTEN)
        try:
            self.template.render_with_context(context, buffer)
        except LiquidError as error:
            raise CannotRender(_problem(error, self.source, self.part)) from None
        except (LiquidInterrupt, RecursionError, ArithmeticError, TypeError, ValueError) as error:
            message = f"Liquid fails here: {type(error).__name__}. Write it more simply."
            raise CannotRender(Problem("liquid", message, self.part, blocking=True)) from None
        return buffer.getvalue()

    def nodes(self) -> Iterator[tuple[Node, tuple[Node, ...]]]:
        """Return each node, and those that it is within."""
        static = RenderContext(self.template)

        def walk(
            nodes: Iterable[Node], above: tuple[Node, ...]
        ) -> Iterator[tuple[Node, tuple[Node, ...]]]:
            for node in nodes:
                yield node, above
                yield from walk(node.children(static), (*above, node))

        return walk(self.template.nodes, ())


def _look_for_the_end(source: str, part: str) -> None:
    """Refuse what Liquid would look through again and again (and has no use in a mail).

    Raises:
        Broken: It has `raw` or `doc`, or a placeholder that does not end.
    """
    other = _NOT_HERE.search(source)
    if other is not None:
        at = f"{part}:{line_of(source, other.start())}"
        told = f"There is no tag `{other[1]}`."
        raise Broken([Problem("unknown-tag", told, at, blocking=True)])
    blanks = _BLANKS.search(source)
    if blanks is not None:
        told = "There are more than 200 blanks on end: leave some out."
        at = f"{part}:{line_of(source, blanks.start())}"
        raise Broken([Problem("liquid", told, at, blocking=True)])
    for begin, end in (("{{", "}}"), ("{%", "%}")):
        last = source.rfind(begin)
        if last >= 0 and source.find(end, last) < 0:
            told = f"`{begin}` does not end: write `{end}` behind it."
            raise Broken(
                [Problem("liquid", told, f"{part}:{line_of(source, last)}", blocking=True)]
            )


def text_of(value: object) -> str:
    """Return a value as it is written."""
    match value:
        case str():
            return value
        case None | Undefined():
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            try:
                return str(value)
            except ValueError:  # a number of thousands of digits
                return ""
        case list() | tuple():
            return ", ".join(filter(None, map(text_of, value)))
        case _:
            return ""


def name_of(node: OutputNode) -> str:
    """Return what a placeholder asks for, without its filters: `name`."""
    expression = node.expression
    left = expression.left if isinstance(expression, FilteredExpression) else expression
    return str(left) if isinstance(left, Path) else "a text"


def zoned(values: Mapping[str, object], zone: ZoneInfo, used: Iterable[str]) -> dict[str, object]:
    """Return values with their times in a zone, as far as they are used."""
    shown = dict(values)
    for name in VARIABLES.keys() & set(used):
        shown[name] = _zoned(shown.get(name), zone)
    return shown


def _zoned(value: object, zone: ZoneInfo) -> object:
    match value:
        case datetime():
            return Moment.of(value, zone)
        case list():
            return [_zoned(one, zone) for one in value]
        case dict():
            return {key: _zoned(one, zone) for key, one in value.items()}
        case _:
            return value


def _problem(error: LiquidError, source: str, part: str) -> Problem:
    message = str(error.message or "").strip()
    name = message.split("'")[1] if message.count("'") > 1 else ""
    reason = "liquid"
    if message.startswith("unexpected tag") and name not in _ENDS and not name.startswith("end"):
        reason, known = "unknown-tag", [*TAGS, "else", "elsif", "when"]
        message = f"There is no tag `{name}`.{meant(name, known)}"
    elif message.startswith("unknown filter"):
        reason, message = (
            "unknown-filter",
            f"There is no filter `{name}`.{meant(name, filters.FILTERS)}",
        )
    else:
        message = f"Liquid cannot be read: {message}."
    place: Any = error.token.start_index if error.token is not None else -1
    at = part if not isinstance(place, int) or place < 0 else f"{part}:{line_of(source, place)}"
    return Problem(reason, message, at, blocking=True)
