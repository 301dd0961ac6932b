"""A signed credential of a made-up learner, by real keys in a temporary folder."""

from pathlib import Path

from grader import award
from grader.adapters.ed25519_signer import KeyFiles, KeySigner
from grader.adapters.twin_files import TwinFiles
from grader.attempts import Request
from grader.domain import attempt_commands as do
from grader.domain.refusal import Refusal
from grader.domain.twin import SkillId
from grader.ports import Signed
from tests.fakes.memory_ledger import MemoryContents, MemoryPeople
from tests.fakes.story import ADA, MIA, OPS, Story


class Awards:
    """A story with all that the award walk needs; `issue` gives the files or the refusal."""

    def __init__(self, folder: Path, story: Story, did_web: str = "") -> None:
        self.story = story
        self.keys = KeyFiles(folder / "keys")
        if not self.keys.folder.exists():
            self.keys.make()
        self.tools = award.Tools(
            records=story.records,
            contents=MemoryContents(),
            people=MemoryPeople(),
            signer=KeySigner(self.keys, did_web=did_web),
        )

    def issue(self, evidence: tuple[str, ...] = ()) -> Signed | Refusal:
        twin = TwinFiles().get(self.story.terms.twin)
        wish = award.Wish(learner=ADA.id, twin=twin, issuer="Demo school", evidence=evidence)
        return award.issue(wish, self.tools, Request(actor=OPS, received_at=self.story.now))

    def signed(self) -> Signed:
        answer = self.issue(("https://example.org/report",))
        assert isinstance(answer, Signed)
        return answer


def passed_story() -> Story:
    """An attempt with an override and two skills, signed off at 73.75 %."""
    story = Story().claimed()
    for skill, weight in (("llm.ops.incident-response", 83), ("llm.safety.hallucination-mitigation", 100)):
        story.does(MIA, do.AssertSkill(skill=SkillId(skill), weight=weight))
    return story.does(MIA, do.Confirm()).does(MIA, do.SignOff())
