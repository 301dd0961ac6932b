"""The `grader` command: parse, call one walk, print. Exit codes are those of `grader.errors`."""

import os
import sys
from importlib import import_module

import click

from grader import __version__, config
from grader.cli.output import fail
from grader.errors import GraderError

COMMANDS = {
    "attempt": "grader.cli.attempt:attempt",
    "audit": "grader.cli.audit:audit",
    "calibrate": "grader.cli.calibrate:calibrate",
    "case": "grader.cli.case:case",
    "check": "grader.cli.check:check_command",
    "credential": "grader.cli.credential:credential",
    "demo": "grader.cli.demo:demo_command",
    "github": "grader.cli.github:github",
    "grade": "grader.cli.grade:grade_command",
    "postmortem": "grader.cli.postmortem:postmortem",
    "review": "grader.cli.review:review",
    "sandbox": "grader.cli.sandbox:sandbox",
    "twin": "grader.cli.twin:twin",
    "updates": "grader.cli.updates:updates",
}
"""Name to `module:object`; a module is imported only when its command is called, which keeps start-up short."""


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None when there is no such command."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="grader")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Grade live-incident exercises: the grader proposes, a mentor decides."""
    ctx.obj = config.read(os.environ)


def main() -> None:
    """Run the command line; every way out is one of the exit codes of `grader.errors`."""
    try:
        status = cli.main(standalone_mode=False, prog_name="grader")
    except GraderError as error:
        fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        fail("interrupted", 130)
    except click.ClickException as error:
        fail(error.format_message(), 2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # the outermost frame: no traceback reaches a user
        if os.environ.get("GRADER_TRACEBACK"):
            raise
        fail(f"internal error: {type(error).__name__}: {error} (GRADER_TRACEBACK=1 shows where)", 3)
    sys.exit(status if isinstance(status, int) else 0)
