"""Timeline rows in the formats people use."""
# ruff: noqa: E501 - one case a line

import pytest

from grader.writing import postmortem


def rows(body: str) -> list[str]:
    return [row.at for row in postmortem.read(f"# PM\n\n## Timeline\n\n{body}\n").timeline]


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("08:47 x happened", "08:47"), ("8.47 pm x happened", "20:47"), ("9:05 AM - x happened", "09:05"), ("12:28p x happened", "12:28"),
        ("[08:47] x happened", "08:47"), ("`07:35` x happened", "07:35"), ("**18:53** x happened", "18:53"), ("22:XX x happened", "22:XX"),
        ("14:?? x happened", "14:??"), ("~19:30 x happened", "19:30"), ("10:00-10:20 x happened", "10:00"), ("10:00 – 10:20: x happened", "10:00"),
        ("2026-03-01 1650 x happened", "16:50"), ("2026-03-01 165000 x happened", "16:50"), ("2026-03-01T16:50:00Z x happened", "16:50"),
        ("2026-03-01T16:50+02:00 x happened", "16:50"), ("Jan 14, 10:18 AM x happened", "10:18"), ("11:10 6th Nov 2023 x happened", "11:10"),
        ("12.30 x happened", "12:30"), ("14h05 : x happened", "14:05"), ("14:05 Uhr: x happened", "14:05"), ("(14:05) x happened", "14:05"),
        ("14:05 UTC | x happened", "14:05"), ("14:05:33 x happened", "14:05"), ("at 14:05 x happened", "14:05"), ("00:10 x happened", "00:10"),
        ("2026/03/01 14:05 - x happened", "14:05"), ("Mar 1 14:05 x happened", "14:05"), ("14:05Z — x happened", "14:05"), ("around 14:05, x happened", "14:05"),
        ("12:05 a.m. x happened", "00:05"), ("2 pm: x happened", "14:00"), ("午後2:05 x happened", "14:05"), ("14時05分 x happened", "14:05"), ("14:05, x happened", "14:05"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["- {}", "{}", "* {}", "1. {}"])
def test_formats(form: str, line: str, at: str) -> None:
    assert rows(form.format(line)) == [at]


@pytest.mark.parametrize(
    "line",
    [
        "3 users wrote",
        "version 1.12.30 came",
        "10.50 USD lost",
        "12.5 % failed",
        "24 hours later",
        "ratio 3:1 seen",
        "14:05",
        "-",
    ],
)
def test_what_is_no_row(line: str) -> None:
    assert rows(f"- {line}") == []


def test_tables_with_day_and_time_columns() -> None:
    body = "| Day | Time | What |\n|-|-|-|\n| 2026-03-01 | 23:50 | a |\n| | 23:58 | b |\n| 2026-03-02 | 00:05 | c |"
    reading = postmortem.read(f"## Timeline\n{body}\n")
    assert [(r.at, r.date, r.minute) for r in reading.timeline] == [
        ("23:50", "2026-03-01", 1430), ("23:58", "2026-03-01", 1438), ("00:05", "2026-03-02", 1445),
    ]  # fmt: skip


def test_times_in_headings_and_dates_above() -> None:
    body = "**1 March 2026**\n### 23:50\nalert fired\n### 00:05\nrolled back\n"
    assert [(r.at, r.minute) for r in postmortem.read(f"## Timeline\n{body}").timeline] == [
        ("23:50", 1430),
        ("00:05", 1445),
    ]


def test_days_alone_count_when_there_is_no_clock() -> None:
    assert rows("- 2026-03-01: deployed\n- 2026-03-02: reported\n- 2026-03-04: fixed") == [
        "2026-03-01",
        "2026-03-02",
        "2026-03-04",
    ]
    assert rows("- 2026-03-01: deployed\n- 10:00 reported\n- 10:05 fixed") == ["10:00", "10:05"]


def test_logs_and_quoted_chat_are_no_rows() -> None:
    body = "- 10:00 alert\n\n> 10:01 bob: hm\n> 10:02 eve: hm\n\n```\n10:03 GET /\n```\n- 10:05 fixed"
    assert rows(body) == ["10:00", "10:05"]


def test_one_row_out_of_order_is_a_note() -> None:
    text = "## Timeline (UTC) 2026-03-01\n- 10:00 alert\n- 10:20 cause found\n- 10:15 paged\n- 10:30 fixed\n"
    ticks = {p.id: p for t in postmortem.read(text).ticks for p in t.parts}
    assert ticks["P2.agrees"].earned == 1
    twice = text.replace("10:30 fixed", "10:10 fixed")
    assert {p.id: p for t in postmortem.read(twice).ticks for p in t.parts}["P2.agrees"].earned == 0
