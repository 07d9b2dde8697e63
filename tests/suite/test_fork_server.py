"""Functions' processes are forks of one that has loaded their source, and end like any other."""

from __future__ import annotations

import urllib.error
from pathlib import Path

import pytest

from suite import Suite, start_suite
from suite.settings import LOADED
from tests.support.processes import SHOWN, kill, processes
from tests.support.small import WITH_FUNCTIONS, call, project, wait_for

pytestmark = pytest.mark.skipif(not SHOWN, reason="finds processes in /proc")

MAIN = """
import os, time
from pathlib import Path
from firebase_functions import https_fn, params

KEY = params.SecretParam("CRM_KEY")  # which a process may declare once

def ancestors():
    pids = [os.getpid()]
    while pids[-1] > 1:
        stat = Path(f"/proc/{pids[-1]}/stat").read_text()
        pids.append(int(stat.rpartition(")")[2].split()[1]))
    return pids

@https_fn.on_call()
def one(request):
    return [os.environ["FUNCTION_TARGET"], ancestors()]

@https_fn.on_call()
def other(request):
    return [os.environ["FUNCTION_TARGET"], ancestors()]

@https_fn.on_call()
def value(request):
    from crm.entrypoints.triggers import worker
    return [worker.VALUE, ancestors()]

@https_fn.on_call()
def end(request):
    os.kill(os.getppid(), 9)  # gunicorn's master: its worker goes too
    time.sleep(600)
"""


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def asked(suite: Suite, name: str) -> tuple[object, list[int]]:
    answer = call(suite.function_url(name), None)
    assert isinstance(answer, list)
    said, pids = answer
    return said, pids


def refused(suite: Suite, name: str) -> bool:
    try:
        call(suite.function_url(name), None)
    except urllib.error.HTTPError as error:
        return error.code >= 500
    return False


def test_they_are_forks_and_end_as_processes_of_their_own_would(tmp_path: Path) -> None:
    loaded = tmp_path.joinpath(*LOADED[-1].split("."))
    loaded.parent.mkdir(parents=True)
    loaded.with_suffix(".py").write_text("VALUE = 1\n")
    with start_suite(config=project(tmp_path, WITH_FUNCTIONS, MAIN)) as suite:
        name, pids = asked(suite, "one")
        assert name == "one"
        name, others = asked(suite, "other")
        assert name == "other"
        # The worker, gunicorn's master, and then the same process for both.
        assert pids[2:] == others[2:]
        assert not {*pids[:2]} & {*others[:2]}

        # Killing what firebase-tools started is killing the function, master and worker.
        assert kill(suite, "one") == 1
        wait_for(lambda: not any(map(alive, pids[:2])))
        _, again = asked(suite, "one")
        assert again[0] != pids[0]
        assert alive(others[0])

        # A function that ends by itself takes the process along that stands for it.
        assert refused(suite, "end")
        wait_for(lambda: not [one for one in processes(suite) if one[1] == "end"])

        # A source that changed is loaded anew, what was loaded beforehand too.
        assert asked(suite, "value")[0] == 1
        loaded.with_suffix(".py").write_text("VALUE = 22\n")
        wait_for(lambda: asked(suite, "value")[0] == 22)
        assert asked(suite, "value")[1][2] != pids[2]
        wait_for(lambda: not alive(pids[2]))
    assert not any(map(alive, [*again[:3], *others[:2]]))
