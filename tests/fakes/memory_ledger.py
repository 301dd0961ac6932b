"""The ledger, its contents and its people, in memory."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from grader.domain.attempt_events import PersonId
from grader.domain.ledger import GENESIS, Entry, StreamId
from grader.errors import StreamMoved


class MemoryRecords:
    """The `Records` port over a dictionary."""

    def __init__(self) -> None:
        self._streams: dict[StreamId, list[Entry]] = {}

    def stream(self, stream: StreamId) -> tuple[Entry, ...]:
        return tuple(self._streams.get(stream, ()))

    def append(self, entries: Sequence[Entry]) -> None:
        grown = {entry.stream: list(self.stream(entry.stream)) for entry in entries}
        for entry in entries:
            before = grown[entry.stream]
            seq, prev = (before[-1].seq, before[-1].hash) if before else (0, GENESIS)
            if (entry.seq, entry.prev) != (seq + 1, prev):
                raise StreamMoved(f"{entry.stream} has moved on")
            before.append(entry)
        self._streams.update(grown)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        for stream in sorted(self._streams):
            if stream.startswith(prefix):
                yield from self._streams[stream]


class MemoryContents:
    """The `Contents` port over a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def keep(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        self._kept[digest] = content
        return digest

    def get(self, digest: str) -> bytes | None:
        return self._kept.get(digest)

    def erase(self, digest: str) -> None:
        self._kept.pop(digest, None)


class MemoryPeople:
    """The `People` port over a dictionary."""

    def __init__(self) -> None:
        self._ids: dict[str, PersonId] = {}
        self._made = 0

    def id_of(self, login: str) -> PersonId:
        if login not in self._ids:
            self._made += 1
            self._ids[login] = PersonId(f"p-{self._made:010d}")
        return self._ids[login]

    def login_of(self, person: PersonId) -> str | None:
        return next((login for login, known in self._ids.items() if known == person), None)

    def erase(self, login: str) -> None:
        self._ids.pop(login, None)
