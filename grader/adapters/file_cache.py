"""The `Cache` port over a folder: one file a key, written whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


class FileCache:
    """Remembers results in files; a folder that may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """See the port."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, value: bytes) -> None:
        """See the port."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(value)
            Path(name).replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key
