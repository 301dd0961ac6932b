"""Runs one test suite over one tree, inside a container: a JSON header line and a tar in, one JSON event a line out.

Standard library and pytest only. pytest is imported before stdin is read, so that a container can wait warm.
Nothing here is trusted: the tests run in this process. What it says is a claim that the grader compares with the exit
status, with the ids it expects and with the other trees' runs.
"""

import configparser
import importlib
import json
import os
import random
import re
import shlex
import sys
import tarfile
import tomllib
from contextlib import suppress
from hashlib import sha256
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(os.environ.get("GRADER_SUITE_ROOT", "/work"))
MAX_HEADER = 4 * 1024 * 1024
MESSAGE = 1000
"""Characters kept of one failure's message."""
AGAIN = "--again"
"""Marks the second start, under another hash seed; the third argument is the header's file descriptor."""
INI_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
KEPT_OPTIONS = re.compile(r"--(import-mode|asyncio-mode|ds|dc)(=.*)?")
"""The options of base's `addopts` that say how tests are imported or driven; all others are dropped."""
REORDERING = frozenset({"randomly", "random_order", "random-order", "reverse", "pytest_reverse"})
"""Installed plugins that are left out because the order of tests is the grader's."""
READERS = frozenset({"linecache", "tokenize", "inspect", "io", "codecs", "pathlib", "os", "genericpath", "_pyio"})
"""Modules that read a file on somebody's behalf; who asked them is what counts."""

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


class Recorder:
    """The pytest plugin that reports what each test did."""

    def __init__(self, header, tell):
        self.header = header
        self.tell = tell
        self.tests = frozenset(header["test_files"])
        self.numbers = {}
        self.state = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session, config, items):
        only = self.header.get("only")
        if only is not None:
            wanted = frozenset(only)
            gone = [item for item in items if item.nodeid not in wanted]
            items[:] = [item for item in items if item.nodeid in wanted]
            if gone:
                config.hook.pytest_deselected(items=gone)
        if self.header.get("order") is not None:
            items[:] = shuffled(items, self.header["order"])
        self.numbers = {item.nodeid: number for number, item in enumerate(items)}
        self.tell("collected", ids=list(self.numbers))

    def pytest_collectreport(self, report):
        if report.failed:
            self.tell("not_collected", path=report.nodeid, message=collection_message(report))
        elif report.skipped:
            self.tell("module_skipped", path=report.nodeid)

    def pytest_runtest_logstart(self, nodeid):
        self.tell("start", n=self.numbers.get(nodeid, nodeid))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        report = (yield).get_result()
        if call.when == "setup":
            self.state[item.nodeid] = {"outcome": "passed"}
        found = self.judge(report, call)
        if found is not None:
            self.state[item.nodeid] = worse(self.state.get(item.nodeid), found)

    def pytest_runtest_logfinish(self, nodeid):
        done = self.state.pop(nodeid, {"outcome": "setup_error", "message": "no report"})
        self.tell("test", n=self.numbers.get(nodeid, nodeid), **done)

    def judge(self, report, call):
        """What one phase says about the test; None when it says nothing."""
        if hasattr(report, "wasxfail"):
            return {"outcome": "xfailed" if report.skipped else "xpassed"}
        if report.skipped:
            return {"outcome": "skipped", "message": skip_reason(report)}
        if not report.failed:
            return None
        message = failure_message(report, call)
        if call.when != "call":
            return {"outcome": "setup_error", "cause": "setup_error", "message": message}
        if call.excinfo is None and "XPASS(strict)" in message:
            return {"outcome": "xpassed"}
        return {"outcome": "failed", "cause": self.cause(call.excinfo), "message": message}

    def cause(self, excinfo):
        """Why a test failed, from the innermost frame that is the tree's own."""
        if excinfo is None:
            return "assertion"
        if isinstance(excinfo.value, pytest.fail.Exception):
            return "assertion"
        own = innermost(excinfo.tb)
        in_test = own is None or own in self.tests
        if isinstance(excinfo.value, AssertionError):
            return "assertion" if in_test else "product_error"
        return "test_error" if in_test else "product_error"


class StopAtFailure:
    """Ends the session at the first test that fails in its call phase."""

    def __init__(self):
        self.session = None

    def pytest_sessionstart(self, session):
        self.session = session

    def pytest_runtest_logreport(self, report):
        if report.failed and report.when == "call" and not hasattr(report, "wasxfail"):
            self.session.shouldfail = "a test failed"


RANK = ("passed", "skipped", "xfailed", "xpassed", "setup_error", "failed")


def worse(first, second):
    """Of two findings about one test (subtests, teardown) the one that counts."""
    if first is None or RANK.index(second["outcome"]) > RANK.index(first["outcome"]):
        return second
    return first


def innermost(traceback):
    """The path, relative to the root, of the innermost frame in the tree; None when no frame is."""
    found = None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name.startswith(f"{ROOT}/"):
            found = name[len(str(ROOT)) + 1 :]
        traceback = traceback.tb_next
    return found


def failure_message(report, call):
    """The exception as pytest words it, or what the report says where there is none."""
    try:
        text = call.excinfo.exconly(tryshort=True) if call.excinfo is not None else str(report.longrepr)
        return text[:MESSAGE]
    except BaseException as error:  # an exception whose __str__ raises
        return f"({type(error).__name__} while its message was formed)"


def skip_reason(report):
    """Why a test was skipped, empty when it is not told."""
    try:
        return str(report.longrepr[2])[:200]
    except (TypeError, IndexError):
        return ""


def collection_message(report):
    """The exception of a module that could not be collected, without the traceback above it."""
    text = str(getattr(report.longrepr, "longrepr", report.longrepr))
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    lines = marked or text.strip().splitlines()[-3:]
    return "\n".join(lines)[:MESSAGE]


def shuffled(items, seed):
    """Another order: modules, classes in them and tests in these change places, but stay together."""
    randomness = random.Random(seed)
    keys = {}

    def key(item):
        parts = [node.nodeid for node in item.listchain()[1:]]
        return [keys.setdefault(part, randomness.random()) for part in parts]

    return sorted(items, key=key)


def watch_reads(tell, tests):
    """Tell when a test file opens Python source of the tree; imports and tracebacks do not count."""
    seen = set()
    prefix = f"{ROOT}/"

    def hook(event, arguments):
        if event != "open" or not isinstance(arguments[0], str):
            return
        path = os.path.abspath(arguments[0])  # noqa: PTH100 - no file may be touched in an audit hook
        if not path.startswith(prefix) or not path.endswith((".py", ".pyc")):
            return
        frame = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in READERS:
            frame = frame.f_back
        asker = frame.f_code.co_filename if frame is not None else ""
        if asker.startswith(prefix) and asker[len(prefix) :] in tests and (asker, path) not in seen and len(seen) < 20:
            seen.add((asker, path))
            tell("read", by=asker[len(prefix) :], path=path[len(prefix) :])

    sys.addaudithook(hook)


def unpack(stream, header):
    """Write the tar under the root: regular files only, each once, within the header's bounds; give path to digest."""
    digests = {}
    total = 0
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            if not member.isreg() or path.is_absolute() or ".." in path.parts or member.name in digests:
                raise ValueError(f"refused member {member.name!r}")
            total += member.size
            if total > header["max_bytes"] or len(digests) >= header["max_files"]:
                raise ValueError("the tree is larger than announced")
            content = archive.extractfile(member).read()
            write(ROOT / path, content, member)
            digests[member.name] = sha256(content).hexdigest()
    for folder, _, _ in os.walk(ROOT, topdown=False):
        with suppress(PermissionError):  # the root itself may belong to somebody else
            os.utime(folder, (header["mtime"], header["mtime"]))
    return digests


def write(path, content, member):
    """Write one new file with the member's mode and time; never through a link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o755 if member.mode & 0o100 else 0o644
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.utime(descriptor, (member.mtime, member.mtime))


def changed(digests):
    """The delivered files that are no longer what they were."""
    found = []
    for name, digest in digests.items():
        try:
            same = sha256((ROOT / name).read_bytes()).hexdigest() == digest
        except OSError:
            same = False
        if not same:
            found.append(name)
    return found[:20]


def configuration(modules):
    """Base's pytest configuration as pytest itself would find it: the file (None if there is none) and its addopts."""
    parents = [(ROOT / module).parent for module in modules] or [ROOT]
    folder = Path(os.path.commonpath(parents))
    while True:
        for name in INI_FILES:
            found = pytest_section(folder / name)
            if found is not None:
                return folder / name, addopts(found)
        if folder == ROOT or ROOT not in folder.parents:
            return None, []
        folder = folder.parent


def pytest_section(path):
    """The pytest options in one file; None when the file has none. Python's own parsers, values of any type."""
    try:
        if path.suffix == ".toml":
            return toml_section(path)
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return {} if path.name.lstrip(".") == "pytest.ini" and path.is_file() else None
    section = "tool:pytest" if path.name == "setup.cfg" else "pytest"
    if parser.has_section(section):
        return dict(parser[section])
    return {} if path.name.lstrip(".") == "pytest.ini" else None


def toml_section(path):
    """The pytest options in a TOML file; None when it has none that this pytest reads."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    if path.name != "pyproject.toml":
        return document.get("pytest", {}) if int(pytest.__version__.split(".")[0]) >= 9 else None
    table = document.get("tool", {}).get("pytest")
    if not isinstance(table, dict):
        return None
    return table.get("ini_options", table if int(pytest.__version__.split(".")[0]) >= 9 else None)


def addopts(section):
    """The options kept of `addopts`."""
    given = section.get("addopts", "")
    try:
        words = [str(word) for word in given] if isinstance(given, list) else shlex.split(str(given), comments=True)
    except ValueError:
        return []
    kept = []
    for word, following in zip(words, [*words[1:], ""], strict=False):
        option = KEPT_OPTIONS.fullmatch(word)
        if option:
            kept.append(word if option[2] else f"{word}={following}")
        elif word.removeprefix("-p") == "pytester" or (word, following) == ("-p", "pytester"):
            kept.append("-ppytester")
    return kept


def installed_plugins():
    """The plugins of the image, which its maker chose; looked for before the tree is on the import path."""
    found = {entry.name for entry in metadata.entry_points(group="pytest11")}
    return sorted(found - REORDERING)


def arguments(header, plugins):
    """The whole command line of pytest."""
    ini, kept = configuration(header["modules"])
    fixed = ["-q", "--tb=no", "--color=no", "--show-capture=no", "-pno:cacheprovider", f"--rootdir={ROOT}",
             f"--confcutdir={ROOT}", "-c", str(ini or os.devnull), "-o", "addopts=", "-o", "required_plugins=",
             "-W", "ignore::pytest.PytestConfigWarning", "--continue-on-collection-errors"]  # fmt: skip
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


def start_again(header, digests, events):
    """Start anew under the hash seed that the header asks for; it is fixed when Python starts."""
    state = os.memfd_create("state", 0)
    os.write(state, json.dumps([header, digests]).encode())
    os.lseek(state, 0, os.SEEK_SET)
    os.set_inheritable(events, True)  # noqa: FBT003
    environment = dict(os.environ, PYTHONHASHSEED=str(header["hash_seed"]))
    command = [sys.executable, "-s", "-P", __file__, AGAIN, str(state), str(events)]
    os.execve(sys.executable, command, environment)


def run(header, digests, tell):
    """Run pytest and give its exit status."""
    plugins = installed_plugins()
    prepare(header)
    watch_reads(tell, frozenset(header["test_files"]))
    command = arguments(header, plugins)
    extra = [StopAtFailure()] if header.get("stop_at_failure") else []
    tell("begin", python=sys.version.split()[0], pytest=pytest.__version__, plugins=plugins)
    try:
        status = int(pytest.main(command, plugins=[Recorder(header, tell), *extra]))
    except BaseException as error:
        tell("crash", message=f"{type(error).__name__}: {error}"[:MESSAGE])
        status = 3
    tell("end", status=status, changed=changed(digests))
    return status


def main():
    """Read what to do, lay out the tree, run it, and end with pytest's status."""
    if sys.argv[1:2] == [AGAIN]:
        state, events = int(sys.argv[2]), int(sys.argv[3])
        os.set_inheritable(events, False)  # noqa: FBT003
        with os.fdopen(state, "rb") as file:
            header, digests = json.load(file)
    else:
        events, stream = take_descriptors()
        header = json.loads(stream.readline(MAX_HEADER))
        digests = unpack(stream, header)
        stream.close()
        if header.get("hash_seed") is not None:
            start_again(header, digests, events)
    status = run(header, digests, Events(events))
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
