"""A job that counts, for tests of what may happen to jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from crm.core.roles import Role
from crm.db.collections import JOBS
from crm.db.documents import Set, Update, read_one
from crm.db.runner import Runner
from crm.jobs import job as job_model
from crm.jobs import run as jobs
from crm.jobs.job import Job, Kind, Progress, Resumes
from testing.world import World

KIND = "count"


def counting(runner: Runner, job: Job) -> Progress:
    """Count to `arguments.to` in a document, one at a time."""
    path = "crmTest/counter"
    at = job.cursor or 0
    counter = read_one(runner.store, path)
    value = counter.fields.get("value", 0) + 1
    write = Update(path, {"value": value}, counter.version) if counter.exists else None
    last = at + 1 == job.arguments["to"]
    return Progress(
        cursor=at + 1,
        done=1,
        total=job.arguments["to"],
        counts={"counted": 1, "even": int(value % 2 == 0)},
        finished=last,
        writes=[write or Set(path, {"value": value})],
    )


def kind(step: job_model.Step, resumes: Resumes = "cursor") -> Kind:
    """A kind of job that an editor may begin, stop and take up again."""
    return Kind(step, Role.EDITOR, cancellable=True, resumes=resumes)


@dataclass
class Bench:
    """A world with a counter, and jobs that count."""

    world: World = field(default_factory=World)
    step: Callable[[Runner, Job], Progress] = counting
    resumes: Resumes = "cursor"

    def start(self, to: int = 3) -> str:
        self.world.runner = replace(self.world.runner, actor="u1-staff")
        return jobs.start(
            self.world.runner, self.world.queue.append, KIND, {"to": to}, action="test.count"
        )

    @property
    def kinds(self) -> job_model.Kinds:
        return {KIND: kind(self.step, self.resumes)}

    def run(self, job_id: str, seconds: float = 60, steps: int | None = None) -> bool:
        system = replace(self.world.runner, actor="system")
        return jobs.run(system, self.kinds, job_id, seconds, steps)

    def document(self, job_id: str) -> dict[str, object]:
        return self.world.store.all(JOBS)[job_id]

    @property
    def counted(self) -> int:
        return int(self.world.store.all("crmTest").get("counter", {}).get("value", 0))
