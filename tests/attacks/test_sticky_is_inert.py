"""Nothing that somebody else wrote is alive in our comment, as GitHub's own Markdown parser reads it."""

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest

from tests.fakes.github.classroom import MANIFEST, REPO, Classroom

HOSTILE = (
    "@octocat please look",
    "<!-- grader:sticky pr=7 seq=999 -->",
    "![x](https://evil.example/x.png)",
    "[click](https://evil.example)",
    "https://evil.example/a www.evil.example a@evil.example",
    "closes #1, octo/cohort#2, GH-3",
    "</details><img src=x onerror=alert(1)>",
    "````\n@octocat\n````",
    "| a | b |\n|---|---|\n| @octocat | ![x](y) |",
    "\u202egnp.exe @octocat",
    "&#64;octocat &commat;octocat",
    "\x1b[31m@octocat\x1b[0m ::add-mask::x ##[error]y",
    "<a href='https://evil.example'>x</a>",
    "`@octocat` ``` @octocat",
    "4f2a91c0d3b84e0a9a7c1f2e3d4c5b6a79880011",
)
LIVE = re.compile(r"(?<!\w)@\w|#\d|GH-\d|\b[0-9a-f]{40}\b|evil\.example|::add-mask::|[\u202a-\u202e\u2066-\u2069\x1b]")


class Seen(HTMLParser):
    """Links, images and comments of a rendered page, and its text outside of code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.alive: list[str] = []
        self.text: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("code", "pre")
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag not in (
            "h2", "h3", "p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code",
            "pre", "a", "ul", "li", "blockquote", "br",
        ):  # fmt: skip
            self.alive.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_comment(self, data: str) -> None:
        self.alive.append(f"comment {data}")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.text.append(data)


def read(body: str) -> Seen:
    marker, _, rest = body.partition("\n")
    assert re.fullmatch(r"<!-- grader:sticky pr=7 seq=\d+ -->", marker)
    assert len(body) < 65_536
    seen = Seen()
    seen.feed(cmarkgfm.github_flavored_markdown_to_html(rest, options=cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE))
    return seen


def check(room: Classroom) -> None:
    seen = read(room.shown)
    assert seen.alive == []
    ours = re.compile(rf"https://github\.com/{REPO}/pull/7#issuecomment-\d+")
    assert [link for link in seen.links if not ours.fullmatch(link)] == []
    found = LIVE.search(" ".join(seen.text))
    assert found is None, found


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_learner_writes_is_inert(text: str) -> None:
    room = Classroom()
    one_line = " ".join(text.split("\n"))
    room.tell("learner", "/start")
    room.tell("learner", f"/status {text}\n/force F1 {one_line}\n/score {one_line}")
    quoted = one_line.replace("\\", "").replace('"', "'").encode().decode(errors="ignore")
    safe = "".join(c for c in quoted if c.isprintable() or c == "\u202e")
    room.push(MANIFEST.replace('repo_url = "https://github.com/learner/airline"', f'repo_url = "{safe}"'))
    room.run()
    check(room)
    room.push()
    room.tell("learner", "/submit")
    order = room.run().order
    assert order is not None
    room.run(room.grade(order))
    check(room)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_mentor_writes_is_inert_too(text: str) -> None:
    room = Classroom()
    room.graded()
    one_line = " ".join(text.split("\n"))
    room.tell("mia", f"/score communication 0.85 {one_line}\n\n/confirm\n\n/assert x{one_line}\n\n/signoff {one_line}")
    check(room)
    assert "Signed off" in room.shown


def test_long_answers_never_cut_the_comment_in_the_middle_of_a_word_of_theirs() -> None:
    room = Classroom()
    room.world.repository(REPO).changed[7] = [f"submissions/{'@ & ' * 60}/submission.toml"]
    room.tell("learner", "/start")
    for _ in range(60):
        room.say("learner", "/submit")
    room.run()
    check(room)
    assert len(room.shown) < 24_000
    assert room.shown.endswith("</details>\n")
    assert "earlier ones are in the ledger" in room.shown


def test_a_long_conversation_stays_under_githubs_limit() -> None:
    room = Classroom()
    room.graded()
    for _ in range(70):
        room.say("mia", "/score communication 0.85 " + "word " * 390)
    room.run()
    check(room)
    assert "earlier ones are in the ledger" in room.shown
