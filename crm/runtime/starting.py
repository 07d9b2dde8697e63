"""What lets a process begin sooner: `main.py` imports this before all else.

Importing it takes two things off a cold start that nobody needs (figures: docs/benchmarks.md):

- An image's build compiles our modules, and then gives every file the same time, for which Python
  takes the compiled code to be older than its source, and compiles all of it at each start
  (https://github.com/buildpacks/lifecycle/issues/1358; the libraries' is compiled so that no time
  matters). A source of that time cannot have changed since the build: its compiled code is taken.
- Loading makes some hundred thousand objects that stay. The garbage collector would go through
  them again and again, and find nothing. It waits until `done`, and then leaves them alone.

Refused: deploying compiled code, which the build compiles over; a zip file or sourceless modules on
the path, which need the operator's Python to be the functions' own.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Final

OURS: Final = str(Path(__file__).parents[1])
"""The folder of `crm`; everybody else's modules are loaded as ever."""

OF_AN_IMAGE: Final = 315_532_801
"""Seconds since 1970 of 1980-01-01 00:00:01 UTC: the time of every file that a buildpack made."""

_HEADER: Final = slice(8, 12)
"""Where compiled code says the time of its source (PEP 552)."""


class _Loader(SourceFileLoader):
    """Loads a module from its compiled code, where that is of the image's own build."""

    def path_stats(self, path: Any) -> Mapping[str, Any]:
        """Return what the source's time and size are to be, for its compiled code to be good."""
        found = dict(super().path_stats(path))
        if int(found["mtime"]) == OF_AN_IMAGE:
            with suppress(OSError, NotImplementedError):
                compiled = self.get_data(cache_from_source(path))
                found["mtime"] = int.from_bytes(compiled[_HEADER], "little")
        return found


_find_ours: Final = FileFinder.path_hook((_Loader, SOURCE_SUFFIXES))


def _finder(path: str) -> Any:
    if path == OURS or path.startswith(OURS + os.sep):
        return _find_ours(path)
    raise ImportError  # what says to Python: ask the next one


def done() -> None:
    """Say that all is loaded which every instance needs, before a server forks."""
    gc.enable()
    if os.environ.get("FUNCTION_TARGET"):  # nothing of a served process's modules ever goes
        gc.freeze()


if _finder not in sys.path_hooks:
    sys.path_hooks.insert(0, _finder)
    for known in [path for path in sys.path_importer_cache if path.startswith(OURS)]:
        del sys.path_importer_cache[known]
gc.disable()
