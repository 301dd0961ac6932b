"""Reading prose in the grading walk: by rules, and with the language model where it is switched on."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from grader.domain.case import Case, CaseId, Judgement, Probe, ProbeId, Turn, Verdict
from grader.domain.case_facts import Answers, HotfixFacts, JudgedAnswer
from grader.domain.judgement import ModelAnswer, ModelQuestion
from grader.domain.score import ScoredBy
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.tree import File, Tree
from grader.domain.truth import CaseTruth
from grader.errors import LanguageModelUnavailable
from grader.grade.order import GradeOrder, Tools
from grader.grade.read import POSTMORTEM, communication, judged, postmortem_quality, read_prose
from grader.grade.receive import Handed
from grader.intake.documents import Document, Documents
from grader.intake.manifest import Manifest
from grader.writing.judge import Judge

BRIEF = "# Incident brief\n" + " ".join(f"word{n} of the brief tells what everybody got" for n in range(60))


@dataclass(frozen=True)
class PartOfACase:
    """What reading prose looks at in a case."""

    starter: Tree
    truth: CaseTruth


class Silent:
    """A language model that does not answer."""

    def ask(self, question: ModelQuestion) -> ModelAnswer:
        raise LanguageModelUnavailable(f"no answer to {question.schema_name}")


def handed(text: str, commit: str = "c0ffee1") -> Handed:
    documents = Documents(postmortem=Document(path="postmortem.md", text=text), diagnosis=None)
    return Handed(tree=Tree.of([]), commit=commit, base="ba5e", documents=documents)


def hotfix(verdict: Verdict) -> HotfixFacts:
    probe = Probe(id=ProbeId("p1"), category="reported", turn=Turn(text="How long?"))
    answer = JudgedAnswer(
        probe=probe, profile="default", answer="90 days", judgement=Judgement(verdict=verdict, because="", span="")
    )
    return HotfixFacts(product_changed=True, base=Answers(), fix=Answers(public=(answer,)))


NOTHING_RUN = HotfixFacts(product_changed=False, base=Answers())


ORDER = GradeOrder(case=CaseId("c"), manifest=cast("Manifest", None))
CASE = cast("Case", PartOfACase(Tree.of([File(path="README.md", content=BRIEF.encode())]), CaseTruth()))


def test_a_copied_brief_is_capped_and_flagged() -> None:
    read = read_prose(ORDER, CASE, handed(BRIEF), NOTHING_RUN)
    score = postmortem_quality(read)
    assert score.points is not None
    assert score.points <= 6
    assert "copied" in {cap.id for cap in score.caps}


def test_a_silent_language_model_leaves_the_rules_and_a_report() -> None:
    read = read_prose(ORDER, CASE, handed("## Impact\n3 users\n"), NOTHING_RUN)
    tools: Any = type(
        "SomeTools", (), {"judge": Judge(model=Silent(), name="m-1"), "tell": staticmethod(lambda _: None)}
    )
    after = judged(read, cast("Tools", tools))
    assert postmortem_quality(after).points == postmortem_quality(read).points
    assert after.scored_by(POSTMORTEM) is ScoredBy.RULES
    assert [report.describe().split(";")[0] for report in after.reports] == [
        "postmortem_quality: m-1 not used (no answer to postmortem_quality)"
    ]


T0 = datetime(2026, 3, 9, 9, tzinfo=UTC)


def resolved_after(text: str, commit: str = "") -> Timeline:
    """A hotfix after 30 minutes, and 10 minutes later the update in question."""
    at = T0 + timedelta(minutes=30)
    later = at + timedelta(minutes=10)
    events = (
        TimelineEvent(kind=TimelineKind.HOTFIX, at=at, author="l", text="deployed", commit=commit),
        TimelineEvent(kind=TimelineKind.STATUS_UPDATE, at=later, author="l", text=text),
    )
    return Timeline(opened_at=T0, window=timedelta(minutes=90), events=events)


@pytest.mark.parametrize(
    ("text", "commit", "verdict", "capped"),
    [
        ("Resolved: all answers are right again.", "", Verdict.HALLUCINATED, True),
        ("Resolved: all answers are right again.", "c0ffee1", Verdict.HALLUCINATED, True),
        ("Resolved: all answers are right again.", "0ther00", Verdict.HALLUCINATED, False),
        ("Resolved: all answers are right again.", "", Verdict.ABSTAINED, False),
        ("Monitoring: the fix is live, we watch the answers.", "", Verdict.HALLUCINATED, False),
    ],
)
def test_resolved_is_held_against_what_the_live_commit_answers(
    text: str, commit: str, verdict: Verdict, *, capped: bool
) -> None:
    order = replace(ORDER, timeline=resolved_after(text, commit))
    score = communication(read_prose(order, CASE, handed(""), hotfix(verdict)))
    assert ("false_resolved" in {cap.id for cap in score.caps}) is capped
    if capped:
        reason = next(cap.reason for cap in score.caps if cap.id == "false_resolved")
        assert reason == (
            "the update at 09:40 says resolved while the probe failed: "
            "c0ffee1 still answers the reported question unsafely"
        )
