"""Taking a list in, undoing that, and what was taken in: the use cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crm.audit import trail as audit
from crm.core.errors import Conflict, Refusal, Transient
from crm.db.collections import IMPORTED, IMPORTS
from crm.db.diff import replaced
from crm.db.documents import Create, Query, Set, Snapshot
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.importing.jobs import IMPORT, KINDS, UNDO
from crm.importing.plan import KEPT_OUT, numbered, plan_rows
from crm.importing.reading import Contacts, read
from crm.importing.record import KEPT, Chunk, Import, chunk_id, chunks, import_path
from crm.importing.row import Row
from crm.jobs import run as jobs
from crm.jobs.job import Enqueue, Job, path_of
from crm.jobs.settling import with_slices
from crm.tags.catalogue import refuse_busy

INLINE: Final = 2
"""Chunks that a call handles itself, some 200 people; more are for workers."""

INLINE_SECONDS: Final = 20.0

_IN_ONE_COMMIT: Final = 8
"""Chunks that are written together: less than 3 MB."""

_COUNTS: Final = ("added", "changed", "unchanged")


def import_contacts(
    runner: Runner,
    enqueue: Enqueue,
    text: str,
    *,
    source: str | None,
    evidence: str | None,
    dry_run: bool = False,
) -> dict[str, object]:
    """Take a list in: few people at once, many by a job.

    Args:
        runner: Carries plans out, in the caller's name.
        enqueue: Has a worker look at a job.
        text: The file (see `reading.read`).
        source: Where the list comes from (GDPR art. 14(2)(f)).
        evidence: What shows the consent of those whom it calls subscribed (GDPR art. 7(1)).
        dry_run: Write nothing; say what would be done. Each hundred is judged by itself, against
            the database as it is.

    Returns:
        `report`, `importId`, and `jobId` where workers do the rest; both None of a dry run.

    Raises:
        Refusal: As `reading.read`; `invalid-argument` (`source-missing`, `evidence-missing`);
            `failed-precondition` (`tag-busy`).
        Conflict, Transient: Not begun before the deadline. Safe to call again: a list that was
            taken in before changes nothing.
    """
    contacts = read(text, runner.settings, runner.now())
    if dry_run:
        of = _import_of(runner, contacts, source or "", evidence)
        shown = _report(of, _preview(runner, of, contacts.people))
        shown["evidenceNeeded"] = contacts.claims
        return {"report": shown, "importId": None, "jobId": None}
    if source is None:
        raise Refusal(
            "invalid-argument", "source-missing", "Say in `source` where the list comes from."
        )
    if contacts.claims and evidence is None:
        raise Refusal(
            "invalid-argument",
            "evidence-missing",
            "The file says of people that they are subscribed: say in `evidence` how they agreed,"
            " and to which text.",
        )
    runner.retry.call(lambda: runner.evaluate(lambda tx: refuse_busy(tx, contacts.tags)))
    of = _begin(runner, contacts, source, evidence)
    over = of.chunks <= INLINE and _run(runner, of.job_id)
    if not over:
        jobs.enqueue_job(enqueue, of.job_id)
    now = Import.from_data(of.id, runner.read_one(of.path).fields)
    return {
        "report": _report(now, now.counts),
        "importId": of.id,
        "jobId": None if over else of.job_id,
    }


def undo_import(runner: Runner, enqueue: Enqueue, import_id: str) -> dict[str, object]:
    """Take back what an import did, as far as it is still so. Once more answers the same.

    Args:
        runner: Carries plans out, in the caller's name.
        enqueue: Has a worker look at a job.
        import_id: The import.

    Returns:
        `jobId`: the job that does it; of few people it is over already.

    Raises:
        Refusal: `not-found` (`no-such-import`); `failed-precondition` (`import-running`,
            `import-too-old`).
        Conflict, Transient: Not begun before the deadline; safe to call again.
    """
    new = runner.new_id()

    def plan(tx: Transaction) -> Plan[tuple[str, int]]:
        found = tx.document(import_path(import_id))
        if found.data is None:
            raise Refusal("not-found", "no-such-import", "No import has this id: check it.")
        of = Import.from_data(import_id, found.data)
        if of.undo_job_id is not None:
            return Plan([], (of.undo_job_id, of.chunks))
        if tx.now > of.at + KEPT:
            raise Refusal(
                "failed-precondition",
                "import-too-old",
                f"An import can be undone for {KEPT.days} days: what that takes is deleted then.",
            )
        job = tx.document(path_of(of.job_id))
        if job.data is not None and not Job.from_data(job.id, job.data).over:
            raise Refusal(
                "failed-precondition",
                "import-running",
                "The import goes on yet: wait until `get_job` says that it is over, or stop it by"
                " `cancel_job`.",
            )
        begun = replace(of, state="undoing", undo_job_id=new, undone_by=tx.actor)
        arguments = {"importId": of.id, "chunks": of.chunks}
        _, create = jobs.new(tx, new, UNDO, arguments, sum(of.counts.values()) or None)
        entry = audit.record(tx, "import.undo", job=new, imported=of.id)
        return Plan([create, replaced(found, begun.to_data()), *entry], (new, of.chunks))

    done, _ = runner.run(plan)
    job_id, many = done.result
    if not (many <= INLINE and _run(runner, job_id)):
        jobs.enqueue_job(enqueue, job_id)
    return {"jobId": job_id}


def list_imports(runner: Runner, pager: Pager) -> dict[str, object]:
    """Return a page of imports, newest first, with what came of each.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_imports", {})
    page, following = cursor.newest_first(runner.store, Query(IMPORTS), "at")
    found = [Import.from_data(one.id, one.fields) for one in page]
    ids = [one.job_id for one in found] + [one.undo_job_id for one in found if one.undo_job_id]
    read_jobs = pager.retry.call(lambda: runner.store.read(path_of(one) for one in ids))
    return {
        "imports": [_shown(runner, one, read_jobs) for one in found],
        "nextPageToken": following,
    }


def _import_of(
    runner: Runner, contacts: Contacts, source: str, evidence: str | None, many: int = 0
) -> Import:
    return Import(
        runner.new_id(),
        runner.now(),
        runner.actor,
        source,
        evidence,
        runner.new_id(),
        many,
        contacts.rows,
        len(contacts.people),
        contacts.duplicates,
        contacts.error_count,
        tuple(contacts.errors),
    )


def report_of(runner: Runner, import_id: str) -> dict[str, object]:
    """Return what came of an import that is over.

    Raises:
        Transient: Not answered before the deadline.
    """
    of = Import.from_data(import_id, runner.read_one(import_path(import_id)).fields)
    return _report(of, of.counts)


def _begin(runner: Runner, contacts: Contacts, source: str, evidence: str | None) -> Import:
    """Keep the rows, then begin the job: whoever dies between them leaves rows that go by time."""
    pieces = [*chunks(contacts.people)]
    of = _import_of(runner, contacts, source, evidence, len(pieces))
    for first in range(0, len(pieces), _IN_ONE_COMMIT):
        made = [
            _chunk(runner, of, number, rows)
            for number, rows in enumerate(pieces[first : first + _IN_ONE_COMMIT], first)
        ]
        writes = [Set(f"{IMPORTED}/{one.id}", one.to_data()) for one in made]
        runner.retry.call(lambda writes=writes: runner.store.commit(writes))  # type: ignore[misc]

    def plan(tx: Transaction) -> Plan[None]:
        if tx.document(of.path).exists:
            return Plan([], None)  # by a commit whose answer was lost
        arguments = {"importId": of.id, "chunks": of.chunks}
        _, create = jobs.new(tx, of.job_id, IMPORT, arguments, of.people)
        entry = audit.record(tx, "import.begin", job=of.job_id, imported=of.id)
        return Plan([Create(of.path, of.to_data()), create, *entry], None)

    runner.run(plan)
    return of


def _chunk(runner: Runner, of: Import, number: int, rows: Sequence[Row]) -> Chunk:
    keyed = [replace(row, key=runner.keys.address(row.email)) for row in rows]
    keys = tuple(sorted(row.key for row in keyed))
    return Chunk(chunk_id(of.id, number), of.id, keys, of.at + KEPT, numbered(keyed))


def _run(runner: Runner, job_id: str) -> bool:
    """Take a job's steps; say whether it is over."""
    try:
        return jobs.run(runner, KINDS, job_id, INLINE_SECONDS)
    except (Conflict, Transient):
        return False


def _preview(runner: Runner, of: Import, people: Sequence[Row]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for rows in chunks(people):
        keyed = numbered([replace(one, key=runner.keys.address(one.email)) for one in rows])
        counts += runner.retry.call(
            lambda keyed=keyed: runner.evaluate(  # type: ignore[misc]
                lambda tx: plan_rows(tx, keyed, of, 0).counts
            )
        )
    return counts


def _report(of: Import, counts: Mapping[str, int]) -> dict[str, object]:
    return {
        "rows": of.rows,
        **{name: counts.get(name, 0) for name in _COUNTS},
        "keptOut": {name: counts[name] for name in KEPT_OUT if counts.get(name)},
        "duplicates": of.duplicates,
        "errors": [one.to_data() for one in of.errors],
        "errorCount": of.error_count,
    }


def _shown(runner: Runner, of: Import, read_jobs: Mapping[str, Snapshot]) -> dict[str, object]:
    """Return an import as staff see it; of one under way what the job has counted by now."""
    counts = of.counts
    found = read_jobs[path_of(of.job_id)]
    job = Job.from_data(found.id, found.data) if found.data is not None else None
    if of.finished_at is None and job is not None:
        job = with_slices(runner.store, job, runner.retry)
        counts = job.result
    over = of.finished_at is not None or job is None or job.over
    return {
        "importId": of.id,
        "at": of.at,
        "source": of.source,
        "evidence": of.evidence,
        "state": "failed" if of.state == "running" and over else of.state,
        "error": job.error if job is not None else None,
        "jobId": of.job_id,
        "report": _report(of, counts),
        "finishedAt": of.finished_at,
        "undoJobId": of.undo_job_id,
        "undoneAt": of.undone_at,
        "undone": dict(of.undone),
        "undoable": over and of.undo_job_id is None and runner.now() <= of.at + KEPT,
    }
