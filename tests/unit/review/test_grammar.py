"""The command grammar: what is a command, what is prose, and what a malformed line is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import wiring
from grader.domain.score import Points
from grader.domain.timeline import TimelineKind
from grader.domain.twin import TwinId
from grader.review import commands as c
from grader.review import grammar as g

TWIN = wiring.twins().get(TwinId("jt-incident-4"))


def parse(body: str) -> tuple[g.Request | g.Malformed, ...]:
    return g.parse(body, TWIN)


def only(body: str) -> c.Command:
    (found,) = parse(body)
    assert isinstance(found, g.Request), found
    return found.command


@pytest.mark.parametrize(
    "body",
    [
        " /confirm",
        "\t/confirm",
        "    /confirm",
        "> /confirm",
        "> quoted\n/confirm",
        "- item\n/confirm",
        "1. /confirm",
        "# /confirm",
        "```\n/confirm\n```",
        "```\nunclosed\n/confirm",
        "````\n```\n/confirm\n````",
        "`start\n/confirm\nend`",
        "<!--\n/confirm\n-->",
        "<!-- /confirm",
        "text <!--\n/confirm\n--> text",
        "<pre>\n/confirm\n</pre>",
        "<details>\n/confirm\n</details>",
        "| a |\n|---|\n/confirm",
        "![alt\n/confirm](x)",
        "text /confirm",
        "/Confirm",
        "/CONFIRM",
        "\\/confirm",
        "&#47;confirm",
        "\u202e/confirm",
        "\u200b/confirm",
        "／confirm",
        "/etc/hosts is wrong",
        "/usr/bin/confirm",
        "/cc @somebody",
        "/confirmed",
        "//confirm",
        "see below\u2028/confirm",
        "",
    ],
)
def test_a_line_that_is_not_a_command_does_not_exist(body: str) -> None:
    assert parse(body) == ()


@pytest.mark.parametrize(
    "body",
    [
        "/confirm",
        "/confirm   ",
        "/confirm\r\n",
        "thanks\n/confirm",
        "**thanks**\n/confirm\n_bye_",
        "~~~\n/signoff\n~~~\n/confirm",
        "```\n<!--\n```\n/confirm",
        "<!-- note -->\n\n/confirm",
        "> quoted\n\n/confirm",
        "/confirm\n---",
        "/confirm\n\n`<!--`",
    ],
)
def test_a_line_of_a_plain_paragraph_is_a_command(body: str) -> None:
    assert [found.name for found in parse(body)] == ["confirm"]


def test_commands_keep_their_order_and_line() -> None:
    body = "Good work.\r\n\r\n/score communication 0.8 clear\r\n/confirm\r\n/signoff well done\r\n"
    found = parse(body)
    assert [(f.line, f.name) for f in found] == [(3, "score"), (4, "confirm"), (5, "signoff")]
    assert isinstance(found[2], g.Request)
    assert found[2].command == c.SignOff("well done")


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/start", c.Start()),
        ("/submit", c.Submit()),
        ("/claim", c.Claim()),
        ("/release", c.Release()),
        ("/help", c.Help()),
        ("/help please", c.Help()),
        ("/confirm 4f2a91c", c.Confirm("4f2a91c")),
        ("/confirm", c.Confirm(None)),
        ("/score hotfix_correctness 1 all of it", c.Score(TWIN.dimensions[1].id, Points(20), "all of it")),
        ("/score hotfix_correctness 0.050 x", c.Score(TWIN.dimensions[1].id, Points(1), "x")),
        ("/score\thotfix_correctness  0   x", c.Score(TWIN.dimensions[1].id, Points(0), "x")),
        ("/assert llm.ops.incident-response 0.8", c.Assert(TWIN.skills[1].id, Points(16), "")),
        ("/force F1 in the second commit", c.Force("F1", "in the second commit")),
        ("/reattempt", c.Reattempt()),
        ("/dispute line 12 was misread", c.Dispute("line 12 was misread")),
        ("/regrade the case was fixed", c.Regrade("the case was fixed")),
        ("/status Refunds wrong for 3 customers", c.Post(TimelineKind.STATUS_UPDATE, "Refunds wrong for 3 customers")),
        ("/root-cause app/prompt.py", c.Post(TimelineKind.ROOT_CAUSE, "app/prompt.py")),
        ("/hotfix 4f2a91c is live", c.Post(TimelineKind.HOTFIX, "4f2a91c is live")),
        ("/resolved all well", c.Post(TimelineKind.RESOLVED, "all well")),
    ],
)
def test_each_command_says_what_it_asks_for(body: str, command: c.Command) -> None:
    assert only(body) == command


def test_shell_text_in_a_reason_stays_text() -> None:
    assert only("/score communication 0.85 good `fix`; $(id)") == c.Score(
        TWIN.dimensions[4].id, Points(17), "good `fix`; $(id)"
    )


def test_the_text_of_an_update_goes_on_over_the_lines_below_it() -> None:
    body = "/status Refund answers are wrong.\n\nImpact: 3 customers.\nNext update 14:30.\n/root-cause prompt.py"
    first, second = parse(body)
    assert isinstance(first, g.Request)
    assert first.command == c.Post(
        TimelineKind.STATUS_UPDATE, "Refund answers are wrong.\nImpact: 3 customers.\nNext update 14:30."
    )
    assert isinstance(second, g.Request)


def test_text_below_a_decision_is_not_part_of_it() -> None:
    assert only("/signoff done\nmore words") == c.SignOff("done")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("/start now", "stands alone"),
        ("/status", "write `/status TEXT`"),
        ("/confirm zzz", "hexadecimal"),
        ("/confirm 4f2a91c please", "hexadecimal"),
        ("/score", "write `/score DIMENSION VALUE REASON`"),
        ("/score hotfix_correctness 0.5", "a reason is needed"),
        ("/score hotfix 0.5 x", "did you mean `hotfix_correctness`?"),
        ("/score zzz 0.5 x", "known are `diagnosis_speed`"),
        ("/score communication 1.2 x", "from 0 to 1"),
        ("/score communication 0.83 x", "multiple of 0.05"),
        ("/score communication 0.8333 x", "from 0 to 1"),
        ("/score communication NaN x", "from 0 to 1"),
        ("/score communication 1e-1 x", "from 0 to 1"),
        ("/score communication -0 x", "from 0 to 1"),
        ("/score communication .5 x", "from 0 to 1"),
        ("/score communication ٠.٥ x", "from 0 to 1"),
        ("/assert llm.ops 0.8", "did you mean `llm.ops.incident-response`?"),
        ("/assert llm.ops.incident-response", "write `/assert"),
        ("/force F9 x", "no such self-check"),
        ("/force F1", "write `/force CHECK REASON`"),
        ("/dispute", "write `/dispute REASON`"),
    ],
)
def test_a_malformed_line_is_told_how_to_mend_it(body: str, told: str) -> None:
    (found,) = parse(body)
    assert isinstance(found, g.Malformed)
    assert told in found.problem


def test_a_flood_is_cut() -> None:
    found = parse("/help\n" * 1000)
    assert len(found) == g.MOST_COMMANDS + 1
    assert isinstance(found[-1], g.Malformed)
    assert "first 20" in found[-1].problem


def test_free_text_is_capped() -> None:
    command = only("/status " + "x" * 50_000)
    assert isinstance(command, c.Post)
    assert len(command.text) == g.LONGEST_TEXT


def test_a_problem_never_repeats_long_text_of_the_comment() -> None:
    (found,) = parse("/score " + "@somebody " * 200)
    assert isinstance(found, g.Malformed)
    assert "@somebody" not in found.problem


def test_help_lists_every_command_once() -> None:
    names = [usage.split()[0].removeprefix("/") for _, usage, _ in c.USAGE]
    assert sorted(names) == sorted(g._READERS)


@given(st.text(alphabet=st.sampled_from("/confirm score\n`~<!->|*_[]()#01.\t\r\\&;")) | st.text())
def test_no_text_crashes_it_and_every_command_stands_at_column_0(body: str) -> None:
    lines = re.split(r"\r\n|\r|\n", body)
    for found in parse(body):
        assert lines[found.line - 1].startswith(f"/{found.name}")


@pytest.mark.parametrize(
    "fill", ["[" * 60_000, ">" * 60_000, "`a" * 30_000, "*_" * 30_000, "<!--" * 15_000, "- " * 30_000]
)
def test_pathological_markdown_ends(fill: str) -> None:
    assert parse(fill) == ()


@pytest.mark.parametrize("around", ["> {}", "```\n{}\n```", "<!-- {} -->", "    {}", "- {}"], ids=str)
@pytest.mark.parametrize("name", sorted(g._READERS))
def test_no_command_comes_out_of_hidden_text(around: str, name: str) -> None:
    assert parse(around.format(f"/{name}")) == ()
