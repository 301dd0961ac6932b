"""A course on the fake GitHub: a learner, mentors, a roster, one submission pull request, and runs over it."""

import functools
import json
from dataclasses import replace
from pathlib import Path

from grader.adapters.shelf_ledger import ShelfNotebook, ShelfNotebooks
from grader.adapters.twin_files import TwinFiles
from grader.domain.attempt import Attempt
from grader.domain.ledger import Entry
from grader.domain.order import Order
from grader.intake.course import PATH
from grader.ports import CodeHost, Shelves
from grader.reconcile import Delivered, Reconciled, reconcile
from grader.reconcile.scene import Desk, look
from grader.report.record_file import decode, encode
from tests.fakes.github.code_host import FakeCodeHost, FakeShelves, Step
from tests.fakes.github.world import World

REPO = "octo/cohort"
SUBMISSION = "submissions/learner/submission.toml"
FULL = Path(__file__).parents[2] / "golden" / "records" / "full.json"
COMMIT = "4f2a91c0d3b84e0a9a7c1f2e3d4c5b6a79880011"
HEADS = tuple(letter * 40 for letter in "acdef")
"""Heads of the pull request, in the order of its pushes."""
MANIFEST = """\
schema = "grader/submission/1"
case = "airline-refund"
mode = "repo_url"
repo_url = "https://github.com/learner/airline"
postmortem = "postmortem.md"

[self_checks]
F1 = true
F2 = true
F3 = true
"""


class _Twins:
    """The shipped twin files, each read once."""

    get = staticmethod(functools.cache(TwinFiles().get))


class Classroom:
    """What people do, and what the workflows would do after it."""

    def __init__(self, world: World | None = None, *, step: Step = lambda _name: None) -> None:
        self.world = world or World()
        self.step = step
        for login, role in (("learner", "read"), ("mia", "maintain"), ("noa", "write"), ("stranger", "admin")):
            self.world.user(login)
            self.world.repository(REPO).roles[login] = role
        self.learner = self.world.users["learner"]["id"]
        ids = [self.world.users[login]["id"] for login in ("mia", "noa")]
        self.course(mentors=ids)
        self.pushes = 0
        self.world.revisions[("learner/airline", "HEAD")] = COMMIT
        self.open(7)

    def course(self, *, mentors: list[int], more: str = "") -> None:
        logins = {user["id"]: login for login, user in self.world.users.items()}
        roster = "".join(f'[[mentors]]\nid = {number}\nlogin = "{logins[number]}"\n' for number in mentors)
        head = 'schema = "grader/course/1"\ncase = "airline-refund"\n'
        self.world.put_file(REPO, PATH, f"{head}{more}{roster}".encode())

    def open(self, number: int, author: str = "learner", manifest: str = MANIFEST) -> None:
        self.world.pull(REPO, number, author, HEADS[0], draft=True)
        self.world.repository(REPO).changed[number] = [SUBMISSION]
        self.world.put_file(REPO, SUBMISSION, manifest.encode(), HEADS[0])

    def push(self, manifest: str | bytes = MANIFEST, number: int = 7) -> str:
        self.pushes += 1
        head = HEADS[self.pushes]
        content = manifest if isinstance(manifest, bytes) else manifest.encode()
        self.world.put_file(REPO, SUBMISSION, content, head)
        self.world.push(REPO, number, head)
        return head

    def say(self, login: str, body: str, number: int = 7) -> int:
        """A comment; its id."""
        return int(self.world.comment(REPO, number, login, body)["id"])

    def desk(self, step: Step | None = None) -> Desk:
        host: CodeHost = FakeCodeHost(self.world, REPO, step or self.step)
        shelves: Shelves = FakeShelves(self.world, REPO, step or self.step)
        return Desk(host=host, notebooks=ShelfNotebooks(shelves), twins=_Twins())

    def run(self, delivered: Delivered | None = None, number: int = 7) -> Reconciled:
        return reconcile(self.desk(), number, delivered)

    def tell(self, login: str, body: str) -> str:
        """A comment and the run that it wakes; our answers, line by line."""
        comment = self.say(login, body)
        self.run()
        return "\n".join(self.answers(comment))

    def answers(self, comment: int) -> list[str]:
        scene = look(self.desk(lambda _name: None), 7)
        return [
            f"{'ok' if answer.accepted else 'no'} {answer.words}"
            for answered in scene.conversation.answered
            if answered.event.comment == comment
            for answer in answered.event.answers
        ]

    def grade(self, order: Order, **changes: object) -> Delivered:
        """What the grading job hands over, with the numbers of a golden record."""
        record = replace(decode(FULL.read_bytes(), where="golden"), **changes)  # type: ignore[arg-type]
        return Delivered(attempt=order.attempt, run=order.run, record=json.dumps(encode(record)).encode())

    def golden(self) -> bytes:
        """The record of every run of a script."""
        return json.dumps(encode(decode(FULL.read_bytes(), where="golden"))).encode()

    def ledger(self) -> bytes:
        """The ledger's file, byte for byte."""
        return self.world.ref_file(REPO, f"refs/grader/learner-{self.learner}", "ledger.jsonl")

    def answered(self) -> list[Entry]:
        return [entry for entry in self.notebook.entries("conversation/") if entry.kind == "CommentAnswered"]

    def graded(self) -> Order:
        """The way to a graded attempt: start, one update, the hand-in, the result."""
        self.tell("learner", "/start")
        self.world.tick(minutes=10)
        self.tell("learner", "/status Refund answers are wrong for all web customers. Next update 09:30.")
        self.world.tick(minutes=20)
        self.world.ready(REPO, 7)
        order = self.run().order
        assert order is not None
        self.world.tick(minutes=2)
        self.run(self.grade(order))
        return order

    @property
    def notebook(self) -> ShelfNotebook:
        return ShelfNotebooks(FakeShelves(self.world, REPO)).open(f"learner-{self.learner}")

    @property
    def attempt(self) -> Attempt:
        found = look(self.desk(lambda _name: None), 7).attempt
        assert found is not None
        return found

    @property
    def shown(self) -> str:
        """The one comment of ours."""
        (comment,) = self.world.bot_comments(REPO, 7)
        return str(comment["body"])

    @property
    def checks(self) -> list[tuple[str, str | None, str]]:
        return [
            (c["status"], c["conclusion"], c["output"]["title"]) for c in self.world.repository(REPO).checks.values()
        ]

    @property
    def labels(self) -> set[str]:
        return self.world.repository(REPO).labels[7]

    def kinds(self) -> list[str]:
        """What happened to the latest attempt, by kind."""
        return [entry.kind for entry in self.notebook.entries("attempt/")]
