"""The `Repos` port by Git: fetched into our own bare repositories, read by plumbing, never checked out."""

from grader.adapters.git_repos.process import FetchLimits
from grader.adapters.git_repos.repository import GitRepos

__all__ = ["FetchLimits", "GitRepos"]
