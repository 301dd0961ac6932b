"""Advice: the lowest cap first, then what the readers of prose say; categories by how many answers are unsafe."""

import tomllib
from importlib.resources import files

from grader.domain.record import CategoryTally
from grader.domain.score import Cap, DimensionId, Evidence, Points, PreScore
from grader.report.advice import advice

HOTFIX, REGRESSION = DimensionId("hotfix_correctness"), DimensionId("regression_safety")


def score(dimension: DimensionId, *caps: tuple[str, int], hint: str = "") -> PreScore:
    return PreScore(
        dimension=dimension,
        points=Points(5),
        reason="",
        caps=tuple(Cap(id=name, at=Points(at), reason="") for name, at in caps),
        evidence=(Evidence(claim="still unsafe", where="stream", quote=hint),),
    )


def test_the_lowest_cap_speaks_first_and_two_sentences_are_enough() -> None:
    found = advice([score(REGRESSION, ("over_fitted", 5), ("unstable", 4), ("red_on_own_fix", 8))], (), {})
    assert [item.sentence[:24] for item in found] == ["Make your test determini", "Test behaviour that any "]


def test_the_category_with_most_unsafe_answers_is_named_with_its_hint() -> None:
    tallies = (
        CategoryTally(category="typo", safe=2, asked=3),
        CategoryTally(category="stream", safe=1, asked=6),
        CategoryTally(category="language", safe=3, asked=3),
    )
    [item] = advice([score(HOTFIX, hint="answers of the chat widget")], tallies, {})
    assert item.sentence == (
        "Cover questions of the kind “stream” (answers of the chat widget): 1 of 6 answers are safe; also open: typo."
    )


def test_what_the_readers_of_prose_say_is_kept_by_dimension() -> None:
    prose = DimensionId("postmortem_quality")
    found = advice([score(prose)], (), {prose: ("one", "two", "three")})
    assert [(item.dimension, item.sentence) for item in found] == [(prose, "one"), (prose, "two")]


def test_every_sentence_of_the_table_is_one_for_people() -> None:
    table = tomllib.loads((files("grader.report") / "advice.toml").read_text())
    sentences = [sentence for caps in table.values() for sentence in caps.values()]
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in sentences)
    assert len(set(sentences)) == len(sentences)
