"""`grader check`: does a change come with a test that fails before it and passes after it?"""

import posixpath
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from grader import wiring
from grader.check import CheckOrder, Tools, check
from grader.cli.check_screen import show
from grader.cli.output import fail, json_option, write_json
from grader.config import Settings
from grader.domain.comparison import CheckReport, CheckVerdict
from grader.domain.sandbox import EnvironmentRecipe
from grader.errors import InputInvalid, SandboxUnavailable
from grader.report.check_document import to_document

MAX_REQUIREMENTS = 1024 * 1024


@click.command("check")
@click.argument("repository", metavar="REPO")
@click.option("--base", required=True, metavar="REV", help="The revision before the change.")
@click.option("--fix", required=True, metavar="REV", help="The revision with the change and its tests.")
@click.option(
    "--test", "tests", multiple=True, metavar="PATH", help="A test module; default: those the change touches."
)
@click.option("--requirements", metavar="FILE", help="What the environment installs, as a pip requirements file.")
@click.option("--install", "installs", multiple=True, metavar="SPEC", help="One more package to install.")
@click.option("--install-no-deps", "alone", multiple=True, metavar="SPEC", help="The same, without its dependencies.")
@click.option("--src", "sources", multiple=True, metavar="DIR", help="Put on the import path; default: `.` and `src`.")
@click.option("--pytest-arg", "pytest_args", multiple=True, metavar="ARG", help="One more argument for pytest.")
@click.option(
    "--repeat", "repeats", type=click.IntRange(1, 20), default=2, show_default=True, help="Runs of each tree."
)
@click.option(
    "--timeout",
    "wall_seconds",
    type=click.FloatRange(1, 3600),
    default=60,
    show_default=True,
    help="Seconds for one run.",
)
@click.option(
    "--mutants/--no-mutants", "with_mutants", default=True, help="Change the fix and see whether the tests notice."
)
@click.option("--mutant-limit", type=click.IntRange(1, 200), default=20, show_default=True, help="At most so many.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Decides every random choice.")
@json_option
@click.pass_obj
def check_command(settings: Settings, /, json_file: str | None, requirements: str | None, **given: Any) -> int:  # noqa: ANN401
    """Judge the tests of the change from --base to --fix in REPO, a path or a clone URL.

    Exit status: 0 the tests fail before and pass after, 1 any other verdict, 2 the call is wrong, 3 our fault.
    """
    order = _order(requirements, given)
    console = Console(stderr=True)
    with console.status("starting") as status:
        tools = Tools(
            repos=wiring.repos(settings),
            sandboxes=wiring.remembering(settings),
            tell=lambda doing: status.update(f"{doing} …"),
        )
        report = check(order, tools)
    return _answer(report, json_file)


def _order(requirements: str | None, given: dict[str, Any]) -> CheckOrder:
    recipe = EnvironmentRecipe(
        requirements=_read(requirements) if requirements is not None else None,
        installs=given["installs"],
        installs_no_deps=given["alone"],
    )
    return CheckOrder(
        repository=given["repository"],
        base=given["base"],
        fix=given["fix"],
        tests=tuple(path.removeprefix("./") for path in given["tests"]),
        recipe=recipe,
        sources=tuple(posixpath.normpath(source) for source in given["sources"]),
        pytest_args=given["pytest_args"],
        repeats=given["repeats"],
        wall_seconds=given["wall_seconds"],
        seed=given["seed"],
        mutants=given["mutant_limit"] if given["with_mutants"] else 0,
    )


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_REQUIREMENTS + 1)
        if len(content) > MAX_REQUIREMENTS:
            raise InputInvalid(f"--requirements {path} is larger than {MAX_REQUIREMENTS:,} bytes")
        return content.decode()
    except OSError as error:
        raise InputInvalid(f"--requirements {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputInvalid(f"--requirements {path} is not UTF-8") from None


def _answer(report: CheckReport, json_file: str | None) -> int:
    if json_file is not None:
        write_json(to_document(report), json_file)
    if report.verdict is CheckVerdict.INFRA:
        fail(report.reason, SandboxUnavailable.exit_code)
    if json_file != "-":
        show(report, Console())
    return 0 if report.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER else 1
