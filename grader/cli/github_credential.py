"""A signed-off pass -> the credential, issued once and put where the course wants it. Safe to do again at any time."""

import json
from collections.abc import Mapping
from pathlib import Path

from grader import award, wiring
from grader.attempts import Request
from grader.config import Settings
from grader.domain.attempt_commands import GRADER
from grader.domain.attempt_events import PersonId
from grader.domain.conversation_events import CredentialDelivered
from grader.domain.instant import from_datetime
from grader.domain.refusal import Refusal
from grader.errors import StreamMoved
from grader.intake.course import Delivery
from grader.ports import Signed
from grader.reconcile.scene import Desk, Scene, look

TRIES = 20


class _Logins:
    """The `People` port of a conversation: the pull request says who its author is, and nobody is kept."""

    def __init__(self, scene: Scene) -> None:
        self._known: Mapping[PersonId, str] = {scene.learner: scene.pull.author.login}

    def id_of(self, login: str) -> PersonId:
        return next(person for person, known in self._known.items() if known == login)

    def login_of(self, person: PersonId) -> str | None:
        return self._known.get(person)

    def erase(self, login: str) -> None:
        """Nothing is kept here."""


def hand_over(desk: Desk, number: int, settings: Settings, folder: Path | None) -> str | None:
    """Issue and deliver what is due; the credential's id when one was delivered now, None when nothing is due.

    `folder` takes the files when the course wants them attached to the run. Raises StreamMoved, SettingsInvalid.
    """
    for _ in range(TRIES):
        scene = look(desk, number)
        if not _due(scene):
            return None
        signed = _issued(scene, settings)
        if isinstance(signed, Refusal):
            return None
        credential = str(signed.document["id"])
        try:
            scene.notebook.save(f"grader: credential of pull request {number}")
            _deliver(scene, signed, folder)
            scene.note(CredentialDelivered(credential=credential), at=desk.host.now())
            scene.notebook.save(f"grader: credential of pull request {number} is delivered")
        except StreamMoved:
            continue
        return credential
    raise StreamMoved(f"the ledger of pull request {number} is too busy; the sweep tries again")


def _due(scene: Scene) -> bool:
    best, active = scene.enrollment.best, scene.enrollment.active
    here = best is not None and best.attempt in scene.conversation.attempts
    if best is None or not best.passed or not here:
        return False
    return active is None or active.issued.credential not in scene.conversation.delivered


def _issued(scene: Scene, settings: Settings) -> Signed | Refusal:
    """The same files again while the credential is in force: a run that died after issuing lost nothing."""
    wish = award.Wish(learner=scene.learner, twin=scene.twin, issuer=settings.issuer_name)
    tools = award.Tools(
        records=scene.notebook,
        contents=scene.notebook,
        people=_Logins(scene),
        signer=wiring.signer(settings),
    )
    return award.issue(wish, tools, Request(actor=GRADER, received_at=from_datetime(scene.now)))


def _deliver(scene: Scene, signed: Signed, folder: Path | None) -> None:
    name = f"{scene.pull.author.id}-{scene.twin.id}"
    files = {
        f"{name}.json": (json.dumps(signed.document, ensure_ascii=False, indent=1) + "\n").encode(),
        f"{name}.jwt": (signed.jwt + "\n").encode(),
    }
    for file, content in files.items():
        match scene.course.credentials:
            case Delivery.COMMIT:
                scene.desk.host.keep_file(f"credentials/{file}", content, f"Add the credential of {name}")
            case Delivery.ARTIFACT if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(content)
            case Delivery.ARTIFACT:
                continue
