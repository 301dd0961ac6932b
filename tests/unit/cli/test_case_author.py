"""docs/write-a-case.md, followed: its commands are run or parsed here, and the refusals say how to mend."""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader.adapters.case_files import CaseFiles
from grader.cli.case import case
from grader.config import read
from grader.domain.case import Case, CaseId
from grader.errors import CaseBroken, InputInvalid

GUIDE = (Path(__file__).parents[3] / "docs" / "write-a-case.md").read_text()
COMMANDS = [line.strip() for line in GUIDE.splitlines() if line.startswith("    ")]
STEP = re.compile(r"^\*\*(\d)\. ", re.MULTILINE)


def call(*arguments: str, folder: Path | None = None) -> str:
    """What a `grader case` command prints; what it raises goes on."""
    settings = read({"GRADER_CASES": str(folder)} if folder else {})
    done = CliRunner().invoke(case, arguments, obj=settings, catch_exceptions=False, standalone_mode=False)
    return done.output


def refused(*arguments: str, folder: Path | None = None) -> str:
    with pytest.raises(InputInvalid) as error:
        call(*arguments, folder=folder)
    return str(error.value)


def load(folder: Path) -> Case:
    return CaseFiles(private=(folder.parent,)).get(CaseId(folder.name))


def of_step(number: int) -> list[str]:
    """The indented lines of one step of the guide."""
    parts = STEP.split(GUIDE)
    body = parts[parts.index(str(number)) + 1].partition("\n## ")[0]
    return [line.strip() for line in body.splitlines() if line.startswith("    ")]


def bash(lines: list[str], where: Path) -> None:
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
    identity |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in identity.items()}
    script = "\n".join(["set -e", *lines])
    subprocess.run(["bash", "-c", script], cwd=where, check=True, env={"PATH": "/usr/bin:/bin", **identity})


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    call("new", str(tmp_path / "my-case"), "--title", 'Late: "again"')
    return tmp_path / "my-case"


def test_a_new_case_is_a_copy_of_the_small_one_under_its_own_name(mine: Path) -> None:
    made, example = load(mine), load(Path(__file__).parents[3] / "examples" / "private-cases" / "tool-hire")
    assert (made.id, made.title) == ("my-case", 'Late: "again"')
    assert (made.starter, made.reference, made.variants) == (example.starter, example.reference, example.variants)


def test_a_title_is_made_of_the_name_where_none_is_given(tmp_path: Path) -> None:
    call("new", str(tmp_path / "lost-keys"), "--from", "airline-refund")
    assert load(tmp_path / "lost-keys").title == "Lost keys"


def test_new_says_what_is_still_the_old_case_s_and_prints_the_steps_of_the_guide(tmp_path: Path) -> None:
    said = call("new", str(tmp_path / "my-case"))
    named = [p for p in (tmp_path / "my-case").rglob("*") if p.is_file() and "Larch Lane Tool Hire" in p.read_text()]
    assert f"\n{len(named)} of its files" in said
    assert re.findall(r"^  (\d)\. ", said, re.MULTILINE) == STEP.findall(GUIDE) == list("123456789")
    printed = re.findall(r"grader case \w+ my-case.*", said)
    guide = "\n".join(COMMANDS)
    assert len(printed) == 7
    assert [command for command in printed if command not in guide] == []


@pytest.mark.parametrize("name", ["My Case", "-x", "x" * 70])
def test_a_folder_whose_name_is_no_id_is_refused(tmp_path: Path, name: str) -> None:
    assert "small letters" in refused("new", str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_pattern_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    assert "airline-refund" in (said := refused("new", str(tmp_path / "x"), "--from", "nope"))
    assert "tool-hire" in said


def test_every_command_of_the_guide_is_one(mine: Path) -> None:
    found = [part for line in COMMANDS for part in re.findall(r"grader case [^&#]*", line)]
    assert len(found) == 11
    for command in found:
        name, *arguments = shlex.split(command)[2:]
        case.commands[name].make_context(name, arguments, obj=read({}))  # raises click.UsageError
    with pytest.raises(click.UsageError):
        case.commands["verify"].make_context("verify", ["--rulle", "1"], obj=read({}))


def test_after_step_3_another_application_can_be_asked(mine: Path) -> None:
    app = mine / "starter" / "app" / "assistant.py"
    app.write_text(app.read_text().replace("llm.complete", "llm.complete_anew"))
    with pytest.raises(CaseBroken, match=r"reference\.patch: does not apply: .*leave it empty until then \(docs/write"):
        load(mine)
    bash(of_step(3), mine.parent)
    parked = load(mine)
    assert (parked.reference, parked.variants, parked.calibrations) == (parked.starter, (), ())
    assert (mine.parent / "calibrations-of-tool-hire.yaml").read_text().count("archetype:") == 17


def test_patches_made_as_the_guide_says_are_what_was_edited(mine: Path) -> None:
    start = GUIDE.index("    cp -r my-case/starter work")
    block = GUIDE[start : GUIDE.index("\n\n", start)].splitlines()
    edits = iter(
        [
            "echo '# mended' >> app/llm.py; echo 'x = 1' > app/gate.py;",
            "echo 'y = 2' > app/other.py;",
            "echo '# told' >> app/prompt.py;",
        ]
    )
    lines = [re.sub(r"… .* …", lambda _: next(edits), line.partition(" # for")[0]) for line in block]
    before = load(mine)
    for patch in (mine / "grader" / "variants").iterdir():
        patch.unlink()
    bash(of_step(3), mine.parent)
    bash(lines, mine.parent)
    (mine / "grader" / "variants.yaml").write_text(
        "schema: grader/variants/1\nvariants: [{id: m1_stream_ungated, kind: buggy, on: reference, why: x}]\n"
    )
    (mine / "grader" / "calibrations.yaml").write_text(
        "schema: grader/calibrations/1\n"
        "submissions: [{archetype: 10_prompt_only, product: starter, patches: [patches/prompt_only.patch]}]\n"
    )
    made = load(mine)
    assert changed(before.starter, made.reference) == {"app/llm.py", "app/gate.py"}
    assert changed(made.reference, made.variants[0].tree) == {"app/other.py"}
    assert changed(before.starter, made.calibrations[0].tree) == {"app/prompt.py"}


def changed(one, other) -> set[str]:  # type: ignore[no-untyped-def]
    return {file.path for file in set(one.files) ^ set(other.files)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "tool-hire", "--rule", "7", "--archetype", "1_perfect"), "no calibration '1_perfect' in tool-hire"),
        (("verify", "tool-hire", "--rule", "6", "--rule", "8"), "rule 6 judges the calls"),
        (("ask", "tool-hire", "starter", "--probe", "h99"), "has no question 'h99'; known are p1, .*b10"),
        (("ask", "tool-hire", "strter"), "no tree 'strter'; known are starter, reference"),
    ],
)
def test_what_would_look_at_nothing_is_refused(arguments: tuple[str, ...], message: str) -> None:
    assert re.search(message, refused(*arguments, folder=Path(__file__).parents[3] / "examples" / "private-cases"))
