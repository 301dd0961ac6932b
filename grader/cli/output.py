"""How every command prints: documents as JSON, messages on stderr, one line for an error."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from grader.errors import InputInvalid

json_option = click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the report as JSON to FILE (`-` is stdout; progress and messages then go to stderr only).",
)


def write_json(document: dict[str, Any], target: str) -> None:
    """Write one JSON object to a file or to stdout (`-`); raises InputInvalid when the file cannot be written."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputInvalid(f"cannot write {target}: {error.strerror}") from None


def fail(message: str, status: int) -> NoReturn:
    """Print one line on stderr, with control characters made visible, and exit."""
    line = " ".join(message.split())
    printable = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
    sys.stderr.write(f"grader: {printable}\n")
    sys.exit(status)
