"""Hostile words in every field of a record do nothing in the comment, by two GFM parsers."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.adapters.twin_files import TwinFiles
from grader.domain.twin import TwinId
from grader.report.comment import MAX_COMMENT, comment
from grader.report.inert import clean, code, fenced, prose
from grader.report.record_file import decode

FULL = json.loads((Path(__file__).parents[1] / "golden" / "records" / "full.json").read_text())
TWIN = TwinFiles().get(TwinId("jt-incident-4"))
OURS = frozenset(
    [
        "schema",
        "verdict",
        "mode",
        "confidence",
        "scored_by",
        "dimension",
        "status",
        "twin",
        "received_at",
        "deadline",
        "opened_at",
        "at",
        "original",
        "before",
        "after",
        "before_cause",
    ]
)
"""Fields whose values are enums, times or ids of ours."""

PAYLOADS = [
    "@victim please",
    "cc (@org/team) and,@victim",
    "&#64;victim &commat;victim &amp;#64;victim",
    "＠victim and @\u200bvictim and \u202e@mitciv",
    "#12 GH-12 owner/repo#12 fixes #1",
    "[click](https://evil.example) <https://evil.example> https://evil.example www.evil.example a@evil.example",
    "![x](https://evil.example/p.png) <img src=https://evil.example/p.png>",
    "[ref]: https://evil.example\n\n[ref]",
    "<!-- grader:sticky pr=1 --> --> <script>alert(1)</script></details></details>",
    "`@victim` ``@victim` ` @victim ``` @victim",
    "```\n@victim\n````\n~~~\n@victim",
    "a|b|@victim\\|c\\\\|d\n|x|y|\n|---|---|\n|@victim|z|",
    "line\n\n# Heading\n\n- list @victim\n\n> quote\n\n    indented\n\n***\n---\n===",
    "\x1b[31m::add-mask::@victim\x00\r\r\n\u2028@victim\ud800"[:-1],
    "x" * 30_000,
    "|" * 3000,
    "`" * 3000,
    "/signoff\n/confirm",
    "mailto:a@b.co xmpp:a@b.co HTTPS://EVIL.EXAMPLE",
    "a\\`@victim`b` \\",
]


def poisoned(payload: str) -> Any:
    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v, key) for v in value]
        return payload if isinstance(value, str) and key not in OURS else value

    document = walk(FULL)
    for event, original in zip(
        document["details"]["timeline"]["events"], FULL["details"]["timeline"]["events"], strict=True
    ):
        event["kind"] = original["kind"]
    return decode(json.dumps(document).encode(), where="poisoned")


class Seen(HTMLParser):
    """Collects the tags, and the text that stands outside code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.comments: list[str] = []
        self.bare: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.bare.append(data)


def by_cmark(markdown: str) -> str:
    return cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)


def by_markdown_it(markdown: str) -> str:
    return MarkdownIt("gfm-like", {"linkify": True, "html": True}).render(markdown)


PARSERS = [by_cmark, by_markdown_it]
ALLOWED = frozenset(
    [
        "h3",
        "p",
        "strong",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "blockquote",
        "ul",
        "li",
        "br",
        "details",
        "summary",
    ]
)


def look(html: str) -> Seen:
    seen = Seen()
    seen.feed(html)
    seen.close()
    return seen


@pytest.mark.parametrize("render", PARSERS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_a_payload_is_live(payload: str, render: Callable[[str], str]) -> None:
    text = comment(poisoned(payload), TWIN)
    seen = look(render(text))
    assert len(text) < MAX_COMMENT
    assert seen.tags <= ALLOWED
    assert seen.comments == []
    bare = " ".join(seen.bare)
    assert not any(sign in bare for sign in ("@", "＠", "#1", "GH-1", "evil", "<", "http"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_starts_a_line_with_a_command(payload: str) -> None:
    fence = ""
    for line in comment(poisoned(payload), TWIN).splitlines():
        if line.startswith("```"):
            fence = "" if line == fence else fence or re.sub("[a-z]+$", "", line)
        assert fence or not line.startswith("/")


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if len(payload) < 5000])
def test_the_tables_keep_their_shape(payload: str) -> None:
    html, clean_html = by_cmark(comment(poisoned(payload), TWIN)), by_cmark(comment(poisoned("plain"), TWIN))
    assert html.count("<td>") == clean_html.count("<td>")
    assert html.count("<details>") == html.count("</details>") == clean_html.count("<details>")


ALPHABET = st.sampled_from([*"`~@#|\\<>[]()!*_-:./&; \n\tab1", "https://", "www.", "\u200b", "\u202e", "GH-1"])
HOSTILE = st.lists(ALPHABET, max_size=40).map("".join)


@pytest.mark.parametrize("render", PARSERS)
@settings(max_examples=150, deadline=None)
@given(text=HOSTILE)
def test_no_mixture_is_live(render: Callable[[str], str], text: str) -> None:
    for markdown in (f"x {prose(text)} y", f"x {code(text)} y", f"| a |\n|---|\n| {prose(text)} |", fenced(text)):
        seen = look(render(markdown))
        assert seen.tags <= ALLOWED
        assert not any(sign in "".join(seen.bare) for sign in ("@", "#1", "GH-1", "http", "www.", "<!--"))


@given(HOSTILE)
def test_code_shows_every_visible_character(text: str) -> None:
    shown = look(by_cmark(f"x {code(text)} y")).bare
    assert "".join(shown).split() == ["x", "y"] or not clean(text).strip()
    assert clean(text) == clean(clean(text))
