"""Remarks on a learner's own lines: on the lines themselves where GitHub can show them, else on the manifest's."""

from dataclasses import replace
from pathlib import Path

from grader.domain.conversation import Level
from grader.domain.observation import Outcome, TestId
from grader.domain.record import Record
from grader.domain.score import DimensionId, Evidence, Points, PreScore
from grader.domain.verdict import Mutant, MutantStatus, PairedTest
from grader.report.record_file import decode
from grader.report.remarks import MOST, Source, remarks

GOLDEN = Path(__file__).parents[2] / "golden" / "records" / "full.json"
MANIFEST = b'schema = "grader/submission/1"\nmode = "repo_url"\nrepo_url = "https://x"\npostmortem = "postmortem.md"\n'
AWAY = Source(path="submissions/a/submission.toml", raw=MANIFEST, postmortem="postmortem.md", here=False)
HERE = replace(AWAY, here=True)
HOSTILE = "@mia see https://evil.example ![x](y) <!-- grader:sticky --> `a` ::set-output x\u202e"


def record(*, quote: str = "Add a test", where: str = "postmortem.md:61") -> Record:
    """The golden record with one remark of each kind."""
    full = decode(GOLDEN.read_bytes(), where="golden")
    score = PreScore(
        dimension=DimensionId("postmortem_quality"),
        points=Points(14),
        reason="",
        evidence=(Evidence(claim="follow-up without an owner", where=where, quote=quote),),
    )
    red = PairedTest(
        id=TestId("tests/test_x.py::test_a"),
        original=None,
        before=Outcome.FAILED,
        after=Outcome.FAILED,
        message=f"tests/test_x.py:12: AssertionError {quote}",
    )
    survived = Mutant(id="m", kind="hunk_revert", file="app/guard.py", line=34, status=MutantStatus.SURVIVED)
    killed = replace(survived, line=35, status=MutantStatus.KILLED)
    details = replace(full.details, ticks=(), tests=(red,), mutants=(survived, killed))
    return replace(full, pre_scores=(score,), details=details)


def test_remarks_stand_on_the_lines_when_the_graded_commit_is_the_head() -> None:
    found = [(each.path, each.first_line, each.level, each.title) for each in remarks(record(), HERE)]
    assert found == [
        ("postmortem.md", 61, Level.WARNING, "follow-up without an owner"),
        ("tests/test_x.py", 12, Level.WARNING, "test_a does not pass on your own fix"),
        ("app/guard.py", 34, Level.NOTICE, "Your tests do not notice a change to this line"),
    ]


def test_otherwise_they_stand_where_the_manifest_names_the_files() -> None:
    found = [(each.path, each.first_line, each.title) for each in remarks(record(), AWAY)]
    assert found == [
        (AWAY.path, 4, "postmortem.md:61: follow-up without an owner"),
        (AWAY.path, 3, "tests/test_x.py:12: test_a does not pass on your own fix"),
        (AWAY.path, 3, "app/guard.py:34: Your tests do not notice a change to this line"),
    ]


def test_a_tick_that_was_missed_is_a_remark_on_its_first_line() -> None:
    full = decode(GOLDEN.read_bytes(), where="golden")
    missed = [t for t in full.details.ticks if t.dimension == "postmortem_quality" and t.lines and t.earned < t.out_of]
    found = remarks(replace(full, pre_scores=(), details=replace(full.details, tests=(), mutants=())), HERE)
    assert [(each.path, each.first_line) for each in found] == [("postmortem.md", tick.lines[0]) for tick in missed]


def test_learners_words_are_inert_wherever_they_stand() -> None:
    for source in (HERE, AWAY):
        for each in remarks(record(quote=HOSTILE), source):
            assert "\u202e" not in each.message + each.title
            for live in ("@mia", "https://evil.example", "<!--"):
                outside = "".join(each.message.split("`")[::2])
                assert live not in outside, each.message
            assert len(each.title) < 255


def test_a_hostile_place_is_no_place() -> None:
    assert not [each for each in remarks(record(where="a\nb:3"), HERE) if each.path == "a\nb"]
    assert not [each for each in remarks(record(where="postmortem.md:0"), HERE) if each.first_line == 0]


def test_there_is_an_end_to_remarks() -> None:
    many = record()
    mutants = tuple(replace(many.details.mutants[0], line=n) for n in range(1, 500))
    assert len(remarks(replace(many, details=replace(many.details, mutants=mutants)), HERE)) == MOST
