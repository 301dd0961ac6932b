"""Grades live-incident exercises: the grader proposes, a mentor decides."""

from importlib.metadata import version

__version__ = version("grader")
