"""Four processes append to one stream at once: `python -m tests.chaos.at_once ADDRESS COUNT`."""

import json
import os
import sys
import time
from itertools import pairwise

from grader.adapters.sql_records import Database, SqlRecords
from grader.attempts import Request, perform, start
from grader.domain import attempt_commands as do
from grader.domain.enrollment import attempt_id, attempt_stream
from grader.domain.ledger import verify
from tests.fakes.story import ADA, HANDED, T0, TERMS

PROCESSES = 4


def write(address: str, writer: int, count: int) -> None:
    """Append `count` drafts, each under its own key, sent twice."""
    database = Database(address)
    records = SqlRecords(database)
    for place in range(count):
        request = Request(actor=ADA, received_at=T0, key=f"{writer}-{place}")
        outcome = perform(records, attempt_id(ADA.id, TERMS.twin, 1), do.Save(handed=HANDED), request)
        assert outcome.refusal is None, outcome.refusal
    database.close()


def main(address: str, count: int) -> None:
    database = Database(address)
    start(SqlRecords(database), ADA.id, "airline-refund", TERMS, Request(actor=ADA, received_at=T0))
    database.close()
    began = time.monotonic()
    children = []
    for writer in range(PROCESSES):
        child = os.fork()
        if child == 0:
            try:
                write(address, writer, count)
                os._exit(0)
            except BaseException as error:  # noqa: BLE001 - a forked child must not go on as its parent
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * PROCESSES
    seconds = time.monotonic() - began
    database = Database(address)
    entries = SqlRecords(database).stream(attempt_stream(attempt_id(ADA.id, TERMS.twin, 1)))
    database.close()
    assert verify(entries) is None
    keys = [entry.key for entry in entries if entry.kind == "Saved"]
    wanted = {f"{writer}-{place}" for writer in range(PROCESSES) for place in range(count)}
    assert (len(keys), set(keys)) == (len(wanted), wanted), "an event was lost or stands twice"
    writers = [key.split("-")[0] for key in keys]
    turns = sum(before != after for before, after in pairwise(writers))
    print(json.dumps({"entries": len(entries), "turns": turns, "per_second": round(len(keys) / seconds)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
