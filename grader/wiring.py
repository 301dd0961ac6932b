"""The only place that builds adapters. What takes long to import is imported when it is asked for."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.adapters.file_cache import FileCache
from grader.adapters.system_clock import SystemClock
from grader.config import Settings
from grader.domain.sandbox import MIB
from grader.errors import SettingsInvalid
from grader.intake.admission import AdmissionLimits

if TYPE_CHECKING:
    from grader.adapters.case_files import CaseFiles
    from grader.adapters.docker_sandbox import DockerSandboxes
    from grader.adapters.ed25519_signer import KeyFiles, KeySigner
    from grader.adapters.git_repos import GitRepos
    from grader.adapters.github_host.api import GitHubApi, Patience
    from grader.adapters.run_memory import RunMemory
    from grader.adapters.sample_files import SampleFiles
    from grader.adapters.twin_files import TwinFiles
    from grader.grade import Tools as GradeTools
    from grader.ports import Cache, Clock, Contents, People, Records
    from grader.reconcile.scene import Desk
    from grader.verify import Progress
    from grader.verify import Tools as VerifyTools
    from grader.writing.judge import Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger and what goes with it: contents by digest, people by id, and the clock that its times come from."""

    records: "Records"
    contents: "Contents"
    people: "People"
    clock: "Clock"


def ledger(settings: Settings) -> Ledger:
    """The ledger of this installation, opened and upgraded; on PostgreSQL its clock is the server's."""
    from grader.adapters.sql_records import Database, DatabaseClock, SqlContents, SqlPeople, SqlRecords

    database = Database(settings.ledger or f"sqlite:///{settings.state / 'ledger.sqlite'}")
    return Ledger(
        records=SqlRecords(database),
        contents=SqlContents(database),
        people=SqlPeople(database),
        clock=SystemClock() if database.is_sqlite else DatabaseClock(database),
    )


def has_ledger(settings: Settings) -> bool:
    """Whether this installation keeps a ledger; asking makes none."""
    return bool(settings.ledger) or (settings.state / "ledger.sqlite").exists()


def keys(settings: Settings) -> "KeyFiles":
    """The issuer's private keys."""
    from grader.adapters.ed25519_signer import KeyFiles

    return KeyFiles(settings.state / "keys")


def signer(settings: Settings) -> "KeySigner":
    """Signs credentials with the installation's keys."""
    from grader.adapters.ed25519_signer import KeySigner

    if settings.issuer and not settings.issuer.startswith("did:web:"):
        raise SettingsInvalid(f"GRADER_ISSUER={settings.issuer}: expected did:web:HOST, or nothing for a did:key")
    return KeySigner(keys(settings), did_web=settings.issuer)


def walk_tools(
    settings: Settings, *, cache: "Cache | None", tell: Callable[[str], None] = lambda _: None
) -> "GradeTools":
    """The ports of the grading walk."""
    from grader.grade import Tools

    boxes = sandboxes(settings)
    return Tools(
        twins=twins(),
        cases=cases(settings),
        repos=submission_repos(),
        sandboxes=boxes,
        pods=boxes,
        clock=clock(),
        cache=cache,
        judge=judge(settings),
        tell=tell,
    )


def verify_tools(
    settings: Settings, *, cache: "Cache | None", show: "Callable[[Progress], None]" = lambda _: None
) -> "VerifyTools":
    """The ports of verifying cases, under the caps of the default twin."""
    from grader.grade.order import DEFAULT_TWIN
    from grader.verify import Tools

    boxes = sandboxes(settings)
    return Tools(pods=boxes, sandboxes=boxes, twin=twins().get(DEFAULT_TWIN), cache=cache, show=show)


def judge(settings: Settings) -> "Judge | None":
    """The language model that may adjust prose; None unless `language_model` is set."""
    if not settings.language_model:
        return None
    from grader.adapters.openai_model import OpenAIModel
    from grader.adapters.remembered_model import RememberedModel
    from grader.writing.judge import Judge

    model = OpenAIModel(
        model=settings.language_model,
        base_url=settings.language_model_url,
        key=settings.language_model_key,
        seconds=settings.language_model_seconds,
    )
    identity = f"{settings.language_model_url} {settings.language_model}"
    remembered = RememberedModel(model, FileCache(settings.state / "language_model"), identity=identity)
    return Judge(model=remembered, name=settings.language_model, prices=_prices(settings.language_model_prices))


def _prices(text: str) -> tuple[float, float]:
    try:
        price_in, price_out = (float(part) for part in (text or "0:0").split(":"))
    except ValueError:
        raise SettingsInvalid(f"GRADER_LANGUAGE_MODEL_PRICES={text!r}: expected IN:OUT, as in 2.50:10") from None
    return price_in, price_out


def repos(settings: Settings) -> "GitRepos":
    """Any repository, under the operator's ceilings; what `grader check` reads."""
    from grader.adapters.git_repos import GitRepos

    return GitRepos(
        AdmissionLimits(files=settings.tree_files, total=settings.tree_mib * MIB, file=settings.tree_file_mib * MIB)
    )


def submission_repos() -> "GitRepos":
    """A submission to a case, under the exercise's own, lower limits."""
    from grader.adapters.git_repos import GitRepos

    return GitRepos(AdmissionLimits())


def cases(settings: Settings, secret: str | None = None) -> "CaseFiles":
    """The shipped cases and the operator's own, filled in by the deployment's secret or by another one."""
    from grader.adapters.case_files import CaseFiles

    private = tuple(Path(folder) for folder in settings.cases.split(":") if folder)
    return CaseFiles(private=private, secret=settings.case_secret if secret is None else secret)


def case_cache(settings: Settings) -> FileCache:
    """What was seen of the grader's own trees before; may be deleted at any time."""
    return FileCache(settings.state / "cases")


def twins() -> "TwinFiles":
    """The exercise types shipped with the package."""
    from grader.adapters.twin_files import TwinFiles

    return TwinFiles()


def samples() -> "SampleFiles":
    """The sample submissions shipped with the package."""
    from grader.adapters.sample_files import SampleFiles

    return SampleFiles()


def clock() -> SystemClock:
    """This machine's clock."""
    return SystemClock()


def remembering(settings: Settings) -> "RunMemory":
    """The container engine, and what it answered before to runs that may be reused."""
    from grader.adapters.run_memory import RunMemory

    return RunMemory(sandboxes(settings), settings.state / "runs")


def sandboxes(settings: Settings) -> "DockerSandboxes":
    """The container engine; it is called on first use only."""
    from grader.adapters.docker_sandbox import DockerSandboxes

    return DockerSandboxes(state=settings.state, required_runtime=settings.runtime, say=_say)


def _say(message: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"grader: {message}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubSite:
    """One submissions repository on GitHub, and how many requests were made to it."""

    desk: "Desk"
    api: "GitHubApi"

    def used(self) -> str:
        """The request budget, in words."""
        left = "" if self.api.remaining is None else f", {self.api.remaining} left this hour"
        return f"{self.api.requests} requests to GitHub{left}"


def github(environ: Mapping[str, str], patience: "Patience | None" = None) -> GitHubSite:
    """What a workflow's job gives: token, repository and address; raises SettingsInvalid when one is missing."""
    from grader.adapters.github_host.api import GitHubApi
    from grader.adapters.github_host.host import GitHubHost
    from grader.adapters.github_host.refs import GitShelves
    from grader.adapters.shelf_ledger import ShelfNotebooks
    from grader.reconcile.scene import Desk

    token, repository = environ.get("GITHUB_TOKEN"), environ.get("GITHUB_REPOSITORY")
    if not token or not repository:
        raise SettingsInvalid("GITHUB_TOKEN and GITHUB_REPOSITORY (owner/name) are needed; the Action sets both")
    address = environ.get("GITHUB_API_URL") or "https://api.github.com"
    api = GitHubApi(token=token, base_url=address, patience=patience)
    desk = Desk(host=GitHubHost(api, repository), notebooks=ShelfNotebooks(GitShelves(api, repository)), twins=twins())
    return GitHubSite(desk=desk, api=api)
