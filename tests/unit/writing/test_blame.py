"""Blame is found where a person is at fault, and nowhere else."""
# ruff: noqa: E501 - one case a line

import pytest

from grader.writing.blame import find_blame
from grader.writing.document import Line

BLAME = [
    "Bob forgot to run the tests.", "This was entirely Alice's fault.", "He should have known better.", "@bob ignored the alert for an hour.",
    "The on-call engineer didn't check the dashboard.", "Dave is incompetent and should not deploy.", "The outage was caused by Carol Jones.",
    "If Bob had read the runbook, none of this would have happened.", "The developer who merged it was careless.", "Maria did not even read the ticket.",
    "Due to sheer laziness nobody wrote a test.", "The blame lies with @carol.", "She failed to escalate in time.", "Tom broke production again.",
    "The reviewer did not look at the diff.", "Because Alice was reckless, the key leaked.", "The intern messed up the migration.", "Anna hat vergessen, den Test zu starten.",
]  # fmt: skip
NOT_BLAME = [
    "The retriever failed to return documents.", "No one is to blame.", "Nobody is at fault here.", "The lazy-loaded module was stale.",
    "A careless use of locks in the pool led to a deadlock.", "The check ignores empty lists.", "It was an oversight on my part.", "Human error was the trigger.",
    "\"Bob broke it\", said the first message.", "We failed to notice the alert.", "Redis ignored the TTL.", "Prometheus failed to scrape the target.",
    "Alice noticed that the guard failed to load.", "Tom rolled back; the cache ignored the key.", "The page fault rate was high.", "I forgot to run the tests.",
    "The regex is to blame.", "`bob forgot to` is a commit message.", "The test never checked the stream.", "Our monitoring did not notice it.",
    "The deploy script broke because a flag was missing.", "Carol was paged and fixed it in ten minutes.", "The blame lies with the missing index.", "The fault is in the parser.",
    "Nothing failed to load after Bob restarted it.", "This post-mortem is blameless: we ask what failed, not who.", "The service failed to start because the key was missing.", "The sloppy regex matched too much.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", BLAME)
def test_blame_is_found(sentence: str) -> None:
    assert [hit.line for hit in find_blame([Line(7, sentence)])] == [7]


@pytest.mark.parametrize("sentence", NOT_BLAME)
def test_what_is_no_blame(sentence: str) -> None:
    assert find_blame([Line(7, sentence)]) == ()


def test_quoted_chat_is_no_blame() -> None:
    assert find_blame([Line(7, "Bob forgot to run the tests.", quoted=True)]) == ()
