"""Notebooks on shelves: a ledger of JSON lines and the contents it names, saved together or not at all."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from grader.domain.conversation import Shelf
from grader.domain.ledger import GENESIS, Entry, StreamId, digest, from_line, to_line, verify
from grader.errors import LedgerBroken, StreamMoved
from grader.ports import Shelves

LEDGER: Final = "ledger.jsonl"
CONTENTS: Final = "contents/"
LEASES: Final = "leases/"


class ShelfNotebook:
    """The `Notebook` port over one shelf; entries of all streams stand in one file in the order of their coming."""

    def __init__(self, shelves: Shelves, shelf: Shelf) -> None:
        """Reads and verifies the ledger; raises LedgerBroken."""
        self._shelves = shelves
        self._shelf = shelf
        text = shelves.read(shelf, LEDGER).decode() if LEDGER in shelf.contents else ""
        self._entries = [from_line(line) for line in text.splitlines()]
        if fault := verify(self._entries):
            raise LedgerBroken(f"{shelf.name}: {fault.stream} entry {fault.seq}: {fault.detail}")
        self._saved = len(self._entries)
        self._fresh: dict[str, bytes] = {}

    @property
    def length(self) -> int:
        """Entries in all streams, saved or not."""
        return len(self._entries)

    @property
    def head(self) -> str:
        """The shelf's version."""
        return self._shelf.version

    def stream(self, stream: StreamId) -> tuple[Entry, ...]:
        """The entries of one stream."""
        return tuple(entry for entry in self._entries if entry.stream == stream)

    def append(self, entries: Sequence[Entry]) -> None:
        """Put aside until `save`; raises StreamMoved when an entry does not follow on its stream."""
        heads = {entry.stream: entry for entry in self._entries}
        for entry in entries:
            last = heads.get(entry.stream)
            if (entry.seq, entry.prev) != ((last.seq + 1, last.hash) if last else (1, GENESIS)):
                raise StreamMoved(f"{entry.stream} has moved on")
            heads[entry.stream] = entry
        self._entries.extend(entries)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Stream by stream, sorted by name."""
        ordered = sorted(self._entries, key=lambda entry: (entry.stream, entry.seq))
        return (entry for entry in ordered if entry.stream.startswith(prefix))

    def keep(self, content: bytes) -> str:
        """Put aside until `save`."""
        name = digest(content)
        if f"{CONTENTS}{name}" not in self._shelf.contents:
            self._fresh[name] = content
        return name

    def get(self, digest: str) -> bytes | None:
        """What was kept, saved or not."""
        if digest in self._fresh:
            return self._fresh[digest]
        path = f"{CONTENTS}{digest}"
        return self._shelves.read(self._shelf, path) if path in self._shelf.contents else None

    def erase(self, digest: str) -> None:
        """A shelf's history cannot forget one file: the operator deletes the ref, and with it the whole notebook."""
        raise NotImplementedError("delete the ref of this learner's ledger instead; docs/github.md says how")

    def lease(self, name: str, *, now: datetime, length: timedelta) -> bool:
        """A file that holds when the lease was taken; it stands beside the ledger, not in it."""
        path = f"{LEASES}{digest(name.encode())[:16]}"
        if path in self._shelf.contents:
            taken = datetime.fromisoformat(self._shelves.read(self._shelf, path).decode())
            if now - taken < length:
                return False
        self._shelf = self._shelves.replace(self._shelf, {path: now.isoformat().encode()}, f"grader: {name}")
        return True

    def save(self, message: str) -> None:
        """One replacement of the shelf; without new entries there is nothing to save."""
        if len(self._entries) == self._saved:
            return
        ledger = "".join(f"{to_line(entry)}\n" for entry in self._entries).encode()
        contents = {f"{CONTENTS}{name}": content for name, content in self._fresh.items()}
        self._shelf = self._shelves.replace(self._shelf, {LEDGER: ledger, **contents}, message)
        self._saved, self._fresh = len(self._entries), {}


class ShelfNotebooks:
    """The `Notebooks` port over any shelves."""

    def __init__(self, shelves: Shelves) -> None:
        """One notebook a shelf, under the same name."""
        self._shelves = shelves

    def open(self, name: str) -> ShelfNotebook:
        """The notebook as it is now."""
        return ShelfNotebook(self._shelves, self._shelves.load(name))
