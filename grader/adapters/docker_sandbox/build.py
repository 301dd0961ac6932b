"""Builds an image from files in memory, with the engine's classic builder and without network."""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grader.adapters.docker_sandbox.engine import Engine, blaming_the_engine
from grader.domain.tree import FIXED_MTIME
from grader.errors import SandboxUnavailable

LAST_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class Context:
    """The files of a build, by path; the same files give the same bytes, so that the engine's layer cache hits."""

    files: Mapping[str, bytes]

    def to_tar(self) -> io.BytesIO:
        """As the engine takes it."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for path, content in sorted(self.files.items()):
                info = tarfile.TarInfo(path)
                info.size, info.mtime, info.mode = len(content), FIXED_MTIME, 0o644
                archive.addfile(info, io.BytesIO(content))
        buffer.seek(0)
        return buffer


def build(engine: Engine, context: Context, tag: str, arguments: Mapping[str, str]) -> str:
    """Build, tag and give the image's id; raises SandboxUnavailable with the builder's last words."""
    said = ""
    with blaming_the_engine("build an image"):
        steps = engine.builder.build(
            fileobj=context.to_tar(), custom_context=True, tag=tag, buildargs=dict(arguments), decode=True,
            rm=True, forcerm=True, network_mode="none",
        )  # fmt: skip
        for step in steps:
            if "error" in step:
                raise SandboxUnavailable(f"an image could not be built: {step['error']} {said[-LAST_WORDS:]}")
            said += step.get("stream", "")
    built = engine.image(tag)
    if built is None:
        raise SandboxUnavailable(f"the image {tag} vanished after it was built; is another process removing images?")
    return built
