"""Runs one test suite over one tree, inside a container: a JSON header line and a tar in, one JSON event a line out.

Standard library and pytest only. pytest and the modules that the arguments name are imported before stdin is read, so
that a container can wait warm: they are the same for every tree, and nothing of a tree is there yet.
Nothing here is trusted: the tests run in this process. What it says is a claim that the grader compares with the exit
status, with the ids it expects and with the other trees' runs.
"""

import gc
import importlib
import json
import os
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

gc.disable()  # until all is imported: nothing of it is ever garbage

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import suite_options
import suite_recorder
import suite_tree
from suite_tree import ROOT

del sys.path[0]
for _part in ("suite_options", "suite_recorder", "suite_tree"):
    del sys.modules[_part]  # a tree may have modules of these names

MAX_HEADER = 4 * 1024 * 1024

for _name in ("assertion.rewrite", "capture", "fixtures", "python", "unittest", "skipping", "subtests", "terminal",
              "junitxml", "logging", "monkeypatch", "tmpdir", "recwarn", "faulthandler", "runner"):  # fmt: skip
    with suppress(ImportError):  # an older pytest has fewer
        importlib.import_module(f"_pytest.{_name}")


class Events:
    """Writes events on a descriptor that the tests' prints do not reach."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def __call__(self, kind, **fields):
        line = memoryview(json.dumps({"event": kind, **fields}).encode() + b"\n")
        while line:
            line = line[os.write(self.descriptor, line) :]


def arguments(header, plugins):
    """The whole command line of pytest."""
    ini, kept = suite_options.configuration(header["modules"])
    fixed = ["-q", "--tb=no", "--color=no", "--show-capture=no", "-pno:cacheprovider", f"--rootdir={ROOT}",
             f"--confcutdir={ROOT}", "-c", str(ini or os.devnull), "-o", "addopts=", "-o", "required_plugins=",
             "-W", "ignore::pytest.PytestConfigWarning", "-W", "ignore::pytest.PytestAssertRewriteWarning",
             "--continue-on-collection-errors"]  # fmt: skip
    if "hypothesispytest" in plugins:
        fixed.append(f"--hypothesis-seed={header['seed']}")
    loaded = [f"-p{name}" for name in plugins]
    return [*loaded, *fixed, *kept, *header["args"], *(str(ROOT / module) for module in header["modules"])]


def prepare(header):
    """Import path and environment, the same for every tree."""
    sources = [str(ROOT / source) if source != "." else str(ROOT) for source in header["src"]]
    packages = next(
        (n for n, entry in enumerate(sys.path) if entry.endswith(("site-packages", "dist-packages"))), len(sys.path)
    )
    sys.path[packages:packages] = sources
    os.environ.update(
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        PYTHONSAFEPATH="1",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONPATH=os.pathsep.join(sources),
    )
    os.environ.update(header.get("env", {}))
    os.environ.pop("GRADER_SUITE_ROOT", None)
    sys.dont_write_bytecode = True
    sys.argv[:] = ["pytest"]
    os.chdir(ROOT)


def take_descriptors():
    """Move the event channel out of reach of prints; give it, and stdin as a stream."""
    events = os.dup(1)
    os.dup2(2, 1)
    source = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return events, os.fdopen(source, "rb", buffering=1 << 16)


def warm_up(modules):
    """Import what the tests will import anyway, and pytest's plugins with it; give the names of the plugins.

    What cannot be imported is for the tests to find out.
    """
    plugins = suite_options.installed_plugins()
    for name in modules:
        with suppress(Exception):
            importlib.import_module(name)
    if modules:
        for entry in metadata.entry_points(group="pytest11"):
            with suppress(Exception):
                if entry.name in plugins:
                    entry.load()
    gc.freeze()
    gc.enable()
    return plugins


def run(header, digests, plugins, tell):
    """Run pytest and give its exit status."""
    prepare(header)
    suite_recorder.watch_reads(tell, frozenset(header["test_files"]))
    command = arguments(header, plugins)
    extra = [suite_recorder.StopAtFailure()] if header.get("stop_at_failure") else []
    tell("begin", python=sys.version.split()[0], pytest=pytest.__version__, plugins=plugins)
    try:
        status = int(pytest.main(command, plugins=[suite_recorder.Recorder(header, tell), *extra]))
    except BaseException as error:
        tell("crash", message=f"{type(error).__name__}: {error}"[: suite_recorder.MESSAGE])
        status = 3
    tell("end", status=status, changed=suite_tree.changed(digests))
    return status


def main():
    """Read what to do, lay out the tree, run it, and end with pytest's status."""
    events, stream = take_descriptors()
    plugins = warm_up(sys.argv[1:])
    header = json.loads(stream.readline(MAX_HEADER))
    digests = suite_tree.unpack(stream, header)
    stream.close()
    status = run(header, digests, plugins, Events(events))
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
