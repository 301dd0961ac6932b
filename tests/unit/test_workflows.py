"""The workflow files and the action: three linters, and the rules that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "examples/submissions-repo/.github/workflows"
OURS = ROOT / ".github/workflows"
FILES = sorted([*COURSE.glob("*.yml"), *OURS.glob("*.yml")])
BIN = Path(sys.executable).parent


def run(*command: str | Path) -> str:
    done = subprocess.run([str(BIN / command[0]), *map(str, command[1:])], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def load(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text())
    assert isinstance(document, dict)
    return document


def test_zizmor_finds_nothing_at_its_most_pedantic() -> None:
    told = run("zizmor", "--offline", "--persona", "pedantic", COURSE, OURS, ROOT / "action.yml")
    assert "No findings" in told


def test_actionlint_finds_nothing() -> None:
    assert run("actionlint", "-shellcheck=", "-pyflakes=", *FILES) == ""


def test_the_files_fit_their_schemas() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *FILES)
    run("check-jsonschema", "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-4]}/{path.name}")
def test_every_job_has_a_limit_and_permissions_of_its_own(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 30
        assert "permissions" in job
        assert job["runs-on"] == "ubuntu-24.04"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-4]}/{path.name}")
def test_nothing_of_an_event_is_put_into_a_script_and_no_cache_is_used(path: Path) -> None:
    for job in load(path)["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            assert "cache" not in step.get("uses", "")
            keys = "${{ secrets.GRADER_KEYS }}" if path.name == "commands.yml" else ""
            assert "secrets" not in str(step).replace(keys or "no secret", "")


def test_the_job_that_grades_may_do_nothing() -> None:
    assert load(COURSE / "grade.yml")["jobs"]["grade"]["permissions"] == {}
    assert load(OURS / "grade.yml")["jobs"]["grade"]["permissions"] == {"contents": "read"}


def test_the_action_gives_no_token_to_a_step_that_grades() -> None:
    (step,) = load(ROOT / "action.yml")["runs"]["steps"]
    assert step["env"]["GITHUB_TOKEN"] == "${{ inputs.mode != 'grade' && inputs.token || '' }}"
    assert "${{" not in step["run"]


@pytest.mark.parametrize("name", ["grade.yml", "commands.yml", "sweep.yml"])
def test_our_own_workflows_are_those_of_the_example(name: str) -> None:
    assert _comparable(load(OURS / name)) == _comparable(load(COURSE / name))


def _comparable(workflow: dict[str, Any]) -> dict[str, Any]:
    """Without what differs on purpose: the checkout, the address of the action, the switch, the right to check out."""
    for job in workflow["jobs"].values():
        job["steps"] = [step for step in job["steps"] if not step.get("uses", "").startswith("actions/checkout")]
        for step in job["steps"]:
            if step.get("uses", "").startswith("your-org/grader@"):
                step["uses"] = "./"
        if job["permissions"] == {"contents": "read"}:
            job["permissions"] = {}
        switched = str(job.pop("if", "")).removeprefix("vars.GRADER_COURSE == 'on'").removeprefix(" && ")
        job["if"] = switched
    return workflow


def test_what_was_not_tried_on_github_is_listed_for_operators_function_by_function() -> None:
    section = (ROOT / "docs/github.md").read_text().partition("## Not tried against github.com yet")[2]
    listed = set(re.findall(r"^\|[^|]*\| `([\w.]+)` \|", section.partition("\n## ")[0], flags=re.MULTILINE))
    marked = set()
    for file in (ROOT / "grader").rglob("*.py"):
        if "Unverified" not in file.read_text():
            continue
        for node in ast.parse(file.read_text()).body:
            for each in node.body if isinstance(node, ast.ClassDef) else [node]:
                if isinstance(each, ast.FunctionDef) and "Unverified" in (ast.get_docstring(each) or ""):
                    inside = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                    marked.add(f"{file.stem}.{inside}{each.name}")
        assert file.read_text().count("Unverified") == sum(name.startswith(f"{file.stem}.") for name in marked), file
    assert listed == marked


def test_a_linter_that_finds_something_fails_here(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: issue_comment\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - run: echo ${{ github.event.comment.body }}\n"
    )
    with pytest.raises(AssertionError, match="template-injection"):
        run("zizmor", "--offline", "--persona", "pedantic", bad)
