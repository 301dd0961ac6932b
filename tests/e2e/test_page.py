"""The report page in a real browser: accessible in every theme and width, asks nobody, whole without script."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from grader.adapters.twin_files import TwinFiles
from grader.domain.twin import TwinId
from grader.report.page import page
from grader.report.record_file import decode

HERE = Path(__file__).parent
RECORDS = HERE.parent / "golden" / "records"
TWIN = TwinFiles().get(TwinId("jt-incident-4"))
pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, installed by npm from the lock beside this file."""
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    subprocess.run(("npm", "ci", "--silent", "--no-audit", "--no-fund"), cwd=folder, check=True, timeout=120)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield chromium
        chromium.close()


def html(name: str) -> str:
    return page(decode((RECORDS / f"{name}.json").read_bytes(), where=name), TWIN)


def opened(browser: Browser, tmp_path: Path, name: str, **context: Any) -> Page:
    path = tmp_path / "report.html"
    path.write_text(html(name), encoding="utf-8")
    tab = browser.new_context(bypass_csp=True, **context).new_page()
    tab.goto(path.as_uri())
    return tab


@pytest.mark.parametrize("name", ["full", "partial"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_the_page_passes_axe(browser: Browser, axe: str, tmp_path: Path, name: str, scheme: Any, width: int) -> None:
    tab = opened(browser, tmp_path, name, color_scheme=scheme, viewport={"width": width, "height": 900})
    tab.evaluate(axe)
    found = tab.evaluate("async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.target.join())])")
    assert found == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()


def test_long_words_do_not_widen_the_page(browser: Browser, tmp_path: Path) -> None:
    document = json.loads((RECORDS / "full.json").read_text())
    word = "tests/" + "x" * 200 + ".py::test_" + "y" * 200
    document["pre_scores"][0]["reason"] = document["checks"][0]["reason"] = word
    document["flags"][0]["detail"] = document["details"]["advice"][0]["sentence"] = word
    document["details"]["mutants"][0]["file"] = document["details"]["tests"][0]["id"] = word
    path = tmp_path / "report.html"
    path.write_text(page(decode(json.dumps(document).encode(), where="wide"), TWIN), encoding="utf-8")
    tab = browser.new_context(viewport={"width": 360, "height": 900}).new_page()
    tab.goto(path.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    tab.context.close()


def test_the_page_is_whole_without_script_and_asks_nobody(browser: Browser, tmp_path: Path) -> None:
    tab = browser.new_context(java_script_enabled=False).new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    path = tmp_path / "report.html"
    path.write_text(html("full"), encoding="utf-8")
    tab.goto(path.as_uri())
    text = tab.inner_text("main")
    assert asked == [path.as_uri()]
    record = json.loads((RECORDS / "full.json").read_text())
    wanted = ["71.5 %", "0.45", "if not docs:", "[a|b]", "0 of 5", "forced: tests were in the second commit"]
    assert [words for words in [*wanted, record["flags"][2]["detail"]] if words not in text] == []
    assert tab.locator("svg circle").count() == len(record["details"]["timeline"]["events"])
    tab.context.close()


def test_the_printed_page_is_light_and_folds_nothing_away(browser: Browser, tmp_path: Path) -> None:
    tab = opened(browser, tmp_path, "full", color_scheme="dark")
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.locator("details").count() == 0
    assert tab.pdf().startswith(b"%PDF")
    tab.context.close()
