"""What a runner reads and holds besides running plans."""

from collections.abc import Iterable

from crm.core.errors import Transient
from crm.db.documents import Path, Snapshot
from testing.memory import MemoryStore
from testing.world import World


class Away(MemoryStore):
    """Does not answer the first readings."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        if self.times:
            self.times -= 1
            raise Transient("away")
        return super().read(paths)


def test_one_document_is_read_again_until_the_service_answers() -> None:
    store = Away(times=2)
    store.put("c/a", {"n": 1})
    assert World(store).runner.read_one("c/a").data == {"n": 1}
    assert store.times == 0


def test_one_document_that_is_missing_does_not_exist() -> None:
    assert not World().runner.read_one("c/a").exists
