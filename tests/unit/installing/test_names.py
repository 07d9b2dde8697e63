import pytest

from crm.installing.names import declared, exported
from suite.launch import ROOT
from tests.support.promised import PROMISED


@pytest.mark.parametrize(
    ("text", "suffix", "names"),
    [
        ("exports.worker = onRequest(() => {});\nexports.a.b = 1", ".js", {"worker"}),
        (
            "export const sweep = onCall(f);\nexport async function subscribe() {}",
            ".ts",
            {"sweep", "subscribe"},
        ),
        ("// export const x = 1\nconst y = 2;", ".ts", set()),
        ("@https_fn.on_call()\ndef worker(r):\n  pass\ndef plain():\n  pass", ".py", {"worker"}),
        ("def broken(", ".py", set()),
    ],
)
def test_names_are_seen(text: str, suffix: str, names: set[str]) -> None:
    assert exported(text, suffix) == names


def test_ours_are_all_that_are_promised() -> None:
    found = declared((ROOT / "main.py").read_text(encoding="utf-8"))
    assert found >= {*PROMISED}
