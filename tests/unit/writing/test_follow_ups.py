"""Follow-ups in the forms people use, and what only looks like an owner."""
# ruff: noqa: E501 - one case a line

import pytest

from grader.writing import postmortem

CASES: list[tuple[str, list[list[str]]]] = [
    ("| Item | Assignee(s) |\n|-|-|\n| a b c | @x, @y |\n| d e f | n/a |", [["@x", "@y"], []]),
    ("| **DRI** | **Task** | **ETA** |\n|:-:|:--|--:|\n| Zoë Kravitz | do a thing | Q3 |", [["Zoë Kravitz"]]),
    ("| Task | Reported by | Owner |\n|-|-|-|\n| fix it now | Bob | |", [[]]),
    ("| Task | Reviewer |\n|-|-|\n| fix it now | Bob |", [[]]),
    ("| Action | Accountable |\n|-|-|\n| fix it now | Head of Ops |\n| fix that too | Ops guild |", [[], ["Ops guild"]]),
    ("| Action | Who | By when |\n|-|-|-|\n| fix it now | RK/JT | 3 Mar |", [["RK", "JT"]]),
    ("| Action | Owner |\n|-|-|\n| fix it | [@ana](https://x.y/ana) |\n| do it | <owner> |\n| be it | ??? |", [["@ana"], [], []]),
    ("| # | Action | Owner | Status |\n|-|-|-|-|\n| 1 | fix a | Wei | open |\n| 2 | fix b | the team | open |", [["Wei"], []]),
    ("| Aktion | Zuständig |\n|-|-|\n| Test bauen | Björn |", [["Björn"]]),
    ("| アクション | 担当 |\n|-|-|\n| テストを追加 | 山田 |", [["山田"]]),
    ("- fix it (owner: Bob)\n- fix that [owner: TBD]", [["Bob"], []]),
    ("- fix it. DRI: @bob. Due: Friday", [["@bob"]]),
    ("- fix it\n  - Owner: Bob Marsh\n  - Due: 3 May\n- fix that\n  - Owner: _none yet_", [["Bob Marsh"], []]),
    ("- fix it\n  - @bob\n- fix that\n  - see ticket", [["@bob"], []]),
    ("- **Owner:** Bob — fix the parser in `x.py`", [["Bob"]]),
    ("- [ ] @bob fix the parser\n- [x] fix the tests", [["@bob"], []]),
    ("- Bob, Carol: fix it\n- Bob & Carol to fix that", [["Bob", "Carol"], ["Bob", "Carol"]]),
    ("- Bob and Carol will fix it by Monday", [["Bob", "Carol"]]),
    ("- fix it — @bob, @carol\n- fix that - Bob Marsh, 3 May 2026", [["@bob", "@carol"], ["Bob Marsh"]]),
    ("- fix it (Bob Marsh, by 3 May)\n- fix that (OPS-12, Carol)", [["Bob Marsh"], ["Carol"]]),
    ("- fix it → Payments team\n- fix that => bob@example.com", [["Payments team"], ["bob@example.com"]]),
    ("- fix it [Bob]\n- [Carol] fix that", [["Bob"], ["Carol"]]),
    ("- TODO(bob): fix it\n- TODO: fix that", [["bob"], []]),
    ("**Bob**\n\n- fix a thing\n- fix b thing\n\n**Carol**\n\n- fix c thing", [["Bob"], ["Bob"], ["Carol"]]),
    ("### Platform team\n- fix a thing\n### Unassigned\n- fix b thing", [["Platform team"], []]),
    ("JG:\n- fix a thing\n- fix b thing", [["JG"], ["JG"]]),
    ("- Bob:\n  - fix a thing\n  - fix b thing\n- Carol:\n  - fix c thing", [["Bob"], ["Bob"], ["Carol"]]),
    ("- @bob\n  - fix a thing\n  - fix b thing", [["@bob"], ["@bob"]]),
    ("(all owned by Bob Marsh)\n\n- fix a thing\n- fix b thing", [["Bob Marsh"], ["Bob Marsh"]]),
    ("Owner for all items: @bob\n\n1. fix a thing\n2. fix b thing", [["@bob"], ["@bob"]]),
    ("All of these are assigned to the Search squad.\n- fix a thing", [["Search squad"]]),
    ("- **Short term**\n  - fix a thing (Bob)\n- **Long term**\n  - fix b thing (Carol)", [["Bob"], ["Carol"]]),
    ("- Bob to ask @carol to fix it", [["Bob"]]),
    ("- fix it, cc @carol\n- fix it as asked by @dan\n- fix that with help from Bob", [[], [], []]),
    ("- Somebody should fix it\n- Everyone to be careful\n- We will fix it\n- Team: fix it\n- Devs to fix it", [[], [], [], [], []]),
    ("- Detect: alert on it\n- Note: see wiki\n- Prevent: gate it\n- Process: review it", [[], [], []]),
    ("- Monitoring: alert on it\n- Grafana: add a panel\n- Redis to be upgraded\n- Q3: move to v2", [[], [], [], []]),
    ("- fix it (March)\n- fix that (High)\n- fix more (issue created)\n- fix rest (see #12)", [[], [], [], []]),
    ("- fix it - @username\n- fix that: <name>\n- Owner: on-call\n- fix c. Owner: service owner", [[], [], []]),
    ("- fix it. Owner: a member of the SRE team\n- fix that. Owner: take to next planning", [[], []]),
    ("- tech lead to decide\n- Incident commander to write it up\n- The on-call engineer will fix it", [[], [], []]),
    ("- I'll fix it\n- Myself: fix that\n- fix more (me)", [["I"], ["Myself"], ["me"]]),
    ("- O'Brien to fix it\n- Anne-Marie Le Goff: fix that\n- fix more (Ole Gunnar Solskjær)", [["O'Brien"], ["Anne-Marie Le Goff"], ["Ole Gunnar Solskjær"]]),
    ("- SRE: fix it\n- Core-1 team to fix that\n- fix more (Trust & Safety)", [["SRE"], ["Core-1 team"], ["Trust & Safety"]]),
    ("1. fix it\n   Owner: Bob\n   Due: May\n2. fix that\n   Owner: -", [["Bob"], []]),
    ("### 1. Fix it\n**Owner:** Bob\n**Due:** 3 May\n\n### 2. Fix that\n**Owner:** TBA", [["Bob"], []]),
    ("Action: fix it\nOwner: Bob\nDue: 3 May\n\nAction: fix that\nOwner: TBC", [["Bob"], []]),
    ("- Action: fix it\n- Owner: Bob\n- Action: fix that\n- Owner: nobody", [["Bob"], []]),
    ("Bob will fix the parser by 3 May. We should also document it. Carol owns the alert.", [["Bob"], [], ["Carol"]]),
    ("* fix it ::: Bob\n* fix that | @carol", [[], ["@carol"]]),
    ("- ~~fix it~~ (Bob)\n- fix that (Carol)", [["Bob"], ["Carol"]]),
    ("<ul><li>fix it (Bob)</li>\n<li>fix that</li></ul>", [["Bob"], []]),
    ("- fix it 👉 @bob\n- fix that (@carol 🙏)", [["@bob"], ["@carol"]]),
    ("- Wdrożyć test. Właściciel: Łukasz Żak\n- Tester le flux. Assigné à : Zoé", [["Łukasz Żak"], ["Zoé"]]),
    ("- 添加测试（负责人：李雷）\n- 更新文档（负责人：待定）", [["李雷"], []]),
    ("- Owner: Bob and Carol (SRE)\n  Task: fix it", [["Bob", "Carol"]]),
    ("- The alert is owned by Bob.\n- The gate will be built by the Payments squad.", [["Bob"], ["Payments squad"]]),
    ("- fix it like Bob did\n- revert what Bob added", [[], []]),
    ("- Add Bob to the rota\n- Train Carol on the runbook", [[], []]),
    ("- Alert when p99 > 2 s (P1) (Bob)\n- Alert when p50 > 1 s (Bob) (P1)", [["Bob"], ["Bob"]]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "owners"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_owners(body: str, owners: list[list[str]]) -> None:
    reading = postmortem.read(f"# PM\n\n## Action items\n\n{body}\n\n## Lessons learned\n\n- Dave: listen\n")
    assert [list(item.owners) for item in reading.follow_ups] == owners


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("fix it by 2026-03-09", "2026-03-09"),
        ("fix it (9 March 2026)", "2026-03-09"),
        ("fix it, due March 9th, 2026", "2026-03-09"),
        ("fix it bis 09.03.2026", "2026-03-09"),
        ("fix it by 12 Mar", "12 Mar"),
        ("fix it (Q2 2026)", "Q2 2026"),
        ("fix it in Sprint 14", "Sprint 14"),
        ("fix it by end of March", "end of March"),
        ("fix it soon", None),
        ("fix it ASAP", None),
        ("fix it in the near future", None),
        ("fix it in a week or two", None),
        ("fix what broke on the 3 March deploy of the bot", None),
    ],
)
def test_due_dates(text: str, due: str | None) -> None:
    (item,) = postmortem.read(f"## Action items\n- {text}\n").follow_ups
    assert item.due == due


def test_a_date_in_the_heading_is_inherited() -> None:
    (item,) = postmortem.read("## Action items\n### Long term (Target: Q4 2025)\n- fix it now (Bob)\n").follow_ups
    assert (item.due, item.owners) == ("Q4 2025", ("Bob",))


def test_the_same_item_twice_is_one() -> None:
    reading = postmortem.read("## Action items\n- fix the parser\n- Fix the parser.\n- fix the parser (Bob)\n")
    assert [item.owners for item in reading.follow_ups] == [("Bob",)]
