"""Reading prose in the grading walk: by rules, and with the language model where it is switched on."""

from dataclasses import dataclass
from typing import Any, cast

from grader.domain.case import Case, CaseId
from grader.domain.judgement import ModelAnswer, ModelQuestion
from grader.domain.score import ScoredBy
from grader.domain.tree import File, Tree
from grader.domain.truth import CaseTruth
from grader.errors import LanguageModelUnavailable
from grader.grade.order import GradeOrder, Tools
from grader.grade.read import POSTMORTEM, judged, postmortem_quality, read_prose
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


def documents(text: str) -> Documents:
    return Documents(postmortem=Document(path="postmortem.md", text=text), diagnosis=None)


ORDER = GradeOrder(case=CaseId("c"), manifest=cast("Manifest", None))
CASE = cast("Case", PartOfACase(Tree.of([File(path="README.md", content=BRIEF.encode())]), CaseTruth()))


def test_a_copied_brief_is_capped_and_flagged() -> None:
    read = read_prose(ORDER, CASE, documents(BRIEF))
    score = postmortem_quality(read)
    assert score.points is not None
    assert score.points <= 6
    assert "copied" in {cap.id for cap in score.caps}


def test_a_silent_language_model_leaves_the_rules_and_a_report() -> None:
    read = read_prose(ORDER, CASE, documents("## Impact\n3 users\n"))
    tools: Any = type(
        "SomeTools", (), {"judge": Judge(model=Silent(), name="m-1"), "tell": staticmethod(lambda _: None)}
    )
    after = judged(read, cast("Tools", tools))
    assert postmortem_quality(after).points == postmortem_quality(read).points
    assert after.scored_by(POSTMORTEM) is ScoredBy.RULES
    assert [report.describe().split(";")[0] for report in after.reports] == [
        "postmortem_quality: m-1 not used (no answer to postmortem_quality)"
    ]
