"""What the suite runner notes of a pytest session: the outcome of each test, and what tests read.

Part of `suite.py`, which takes it out of the way of what it runs.
"""

import os
import random
import sys

import pytest
from suite_tree import ROOT

MESSAGE = 1000
"""Characters kept of one failure's message."""
READERS = frozenset({"linecache", "tokenize", "inspect", "io", "codecs", "pathlib", "os", "genericpath", "_pyio"})
"""Modules that read a file on somebody's behalf; who asked them is what counts."""


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
