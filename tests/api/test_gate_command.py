"""`python -m api`: what is refused at the start, and the accounts an administrator makes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from landplan.workspace.workspace import Workspace

ROOT = Path(__file__).parents[2]


def command(*words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LANDPLAN_")}
    return subprocess.run(
        [sys.executable, "-m", "api", *words],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean | environment,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("language", "word"), [("en", "cannot be used"), ("zh", "无法使用")])
def test_another_host_without_a_mode_is_refused_in_a_sentence(tmp_path, language, word):
    ended = command(
        "--workspace", str(tmp_path), "--host", "0.0.0.0", "--port", "0", LANDPLAN_LANG=language
    )
    assert ended.returncode == 2
    assert "LANDPLAN_AUTH" in ended.stderr
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_workspace_that_is_a_file_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    ended = command("--workspace", str(tmp_path / "file"), "--port", "0")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_accounts_are_made_with_a_password_from_standard_input(tmp_path):
    where = ("--workspace", str(tmp_path))
    made = command("people", "add", "Li", "--role", "planner", *where, typed="a long password\n")
    assert (made.returncode, made.stdout) == (0, "Li may now sign in as Planner.\n")
    workspace = Workspace(tmp_path)
    assert workspace.people.check("Li", "a long password") == "planner"
    key = command("people", "key", "Li", *where).stdout.split()[-1]
    found = workspace.people.by_key(key)
    assert found is not None
    assert found.name == "Li"
    assert command("people", "disable", "Li", LANDPLAN_WORKSPACE=str(tmp_path)).returncode == 0
    assert workspace.people.by_key(key) is None
    assert "Li · Planner · disabled" in command("people", "list", *where).stdout
    workspace.close()


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("add", "Li", "--role", "planner"), "short\n", "8"),
        (("key", "nobody"), "", "nobody"),
        (("disable", "nobody"), "", "nobody"),
    ],
)
def test_what_an_administrator_gets_wrong_is_a_sentence(tmp_path, words, typed, said):
    ended = command("people", *words, "--workspace", str(tmp_path), typed=typed)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
