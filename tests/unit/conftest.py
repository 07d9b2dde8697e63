from collections.abc import Iterator

import pytest

from suite.settings import ADDRESSES


@pytest.fixture(scope="module", autouse=True)
def _no_suite() -> Iterator[None]:
    """Hide a suite that other tests of this process have asked for: no unit test means it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ADDRESSES:
            patch.delenv(name, raising=False)
        yield
