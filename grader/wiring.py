"""The only place that builds adapters. What takes long to import is imported when it is asked for."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.adapters.sample_files import SampleFiles
from grader.adapters.system_clock import SystemClock
from grader.adapters.twin_files import TwinFiles
from grader.config import Settings
from grader.domain.sandbox import MIB
from grader.errors import ServiceUnavailable
from grader.intake.admission import AdmissionLimits

if TYPE_CHECKING:
    from grader.adapters.docker_sandbox import DockerSandboxes
    from grader.adapters.git_repos import GitRepos
    from grader.domain.record import Record
    from grader.hand_in import GradingOrder
    from grader.ports import Clock, Contents, People, Records


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
    from grader.adapters.system_clock import SystemClock

    database = Database(settings.ledger or f"sqlite:///{settings.state / 'ledger.sqlite'}")
    return Ledger(
        records=SqlRecords(database),
        contents=SqlContents(database),
        people=SqlPeople(database),
        clock=SystemClock() if database.is_sqlite else DatabaseClock(database),
    )


def graded(settings: Settings, order: "GradingOrder") -> "Record":
    """The grading walk over an attempt that was handed in."""
    raise ServiceUnavailable("this build grades no attempts yet; record a run with `grader review regrade --record`")


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


def twins() -> TwinFiles:
    """The exercise types shipped with the package."""
    return TwinFiles()


def samples() -> SampleFiles:
    """The sample submissions shipped with the package."""
    return SampleFiles()


def clock() -> SystemClock:
    """This machine's clock."""
    return SystemClock()


def sandboxes(settings: Settings) -> "DockerSandboxes":
    """The container engine; it is called on first use only."""
    from grader.adapters.docker_sandbox import DockerSandboxes

    return DockerSandboxes(state=settings.state, required_runtime=settings.runtime, say=_say)


def _say(message: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"grader: {message}\n")
