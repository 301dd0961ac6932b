"""Hostile words in every field of a record do nothing in the page."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader.adapters.twin_files import TwinFiles
from grader.domain.twin import TwinId
from grader.report.page import page
from grader.report.record_file import decode

FULL = json.loads((Path(__file__).parents[1] / "golden" / "records" / "full.json").read_text())
TWIN = TwinFiles().get(TwinId("jt-incident-4"))
FREE = {"reason", "claim", "where", "quote", "detail", "message", "diff", "text", "author", "sentence", "title", "file"}
PAYLOADS = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "</style></title></pre></code><svg onload=alert(1)>",
    "`<b>` {{ 7 * 7 }} {% raw %} ${7*7}",
    "\x00\x1b[31m\u202ee\u200b\ud7ff &lt;script&gt;",
    "x" * 30_000,
]


def poisoned(payload: str) -> Any:
    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v, key) for v in value]
        return payload if isinstance(value, str) and (key in FREE or key == "caps") else value

    return decode(json.dumps(walk(FULL)).encode(), where="poisoned")


class Seen(HTMLParser):
    """Collects tags, attribute names and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def look(html: str) -> Seen:
    seen = Seen()
    seen.feed(html)
    seen.close()
    return seen


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_adds_no_element_and_no_attribute(payload: str) -> None:
    hostile, plain = look(page(poisoned(payload), TWIN)), look(page(poisoned("`plain` words"), TWIN))
    assert set(hostile.tags) <= set(plain.tags)
    assert hostile.attributes <= plain.attributes
    assert not {"script", "img", "a", "iframe", "link", "form"} & set(hostile.tags)
    assert not any(name.startswith("on") or name in ("src", "href", "style") for name in hostile.attributes)
    shown = "".join(hostile.text)
    assert not any(hidden in shown for hidden in "\x00\x1b\u202e\u200b")
    assert "49" not in shown.replace("12:49", "") or "{{" not in payload
