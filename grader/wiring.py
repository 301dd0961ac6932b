"""The only place that builds adapters. What takes long to import is imported when it is asked for."""

import sys
from typing import TYPE_CHECKING

from grader.adapters.twin_files import TwinFiles
from grader.config import Settings
from grader.domain.sandbox import MIB
from grader.intake.admission import AdmissionLimits

if TYPE_CHECKING:
    from grader.adapters.docker_sandbox import DockerSandboxes
    from grader.adapters.git_repos import GitRepos


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


def sandboxes(settings: Settings) -> "DockerSandboxes":
    """The container engine; it is called on first use only."""
    from grader.adapters.docker_sandbox import DockerSandboxes

    return DockerSandboxes(state=settings.state, runtime=settings.runtime, say=_say)


def _say(message: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"grader: {message}\n")
