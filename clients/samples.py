"""Code in the documentation that a reader copies: files of `docs/samples/`, which tests run.

A page names one by `<!-- sample: newsletter.py -->`, or a part of it by `<!-- sample: python.py
setup -->`, which stands in the file between `sample:begin setup` and `sample:end`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from clients.prose import ROOT

FOLDER: Final = ROOT / "docs" / "samples"

LANGUAGES: Final = {
    ".cs": "csharp",
    ".dart": "dart",
    ".kt": "kotlin",
    ".mjs": "js",
    ".py": "python",
    ".sh": "sh",
    ".swift": "swift",
    ".ts": "ts",
}

PLACE: Final = re.compile(
    r"^<!-- sample: (?P<file>[\w.]+)(?: (?P<part>\w+))? -->\n.*?^<!-- end -->$",
    re.MULTILINE | re.DOTALL,
)

_PART: Final = re.compile(
    r"^\S+ sample:begin (\w+)\n(.*?)^\S+ sample:end$", re.MULTILINE | re.DOTALL
)


def pages() -> list[Path]:
    """Return the pages that show samples."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    return sorted(one for one in found if PLACE.search(one.read_text(encoding="utf-8")))


def shown(text: str) -> str:
    """Return a page with its samples as the files have them.

    Args:
        text: The page.

    Raises:
        ValueError: It names a part that its file does not have.
    """

    def block(found: re.Match[str]) -> str:
        head = found[0].partition("\n")[0]
        file = FOLDER / found["file"]
        code = sample(file, found["part"]).rstrip("\n")
        return f"{head}\n```{LANGUAGES[file.suffix]}\n{code}\n```\n<!-- end -->"

    return PLACE.sub(block, text)


def sample(file: Path, part: str | None) -> str:
    """Return a file of samples, or a part of it."""
    text = file.read_text(encoding="utf-8")
    if part is None:
        return text
    for name, code in _PART.findall(text):
        if name == part:
            return str(code)
    raise ValueError(f"{file.name} has no part {part}")
