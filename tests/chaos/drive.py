"""`kill -9` at random moments of random command sequences, with real processes on a real database.

Called as `python -m tests.chaos.drive ADDRESS COUNT SEED`. For each sequence a process is forked that sends the
steps and notes every answer in a file; it is killed at a random moment, up to three times, and a new process goes on
as a client would: it sends again what was not answered, and also the last request that was, under the same keys. In
the end the ledger has to be, entry by entry, the one that the sequence leads to without any kill.
Prints one JSON line: how many sequences, kills, and how often a kill fell between commit and answer.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from grader.adapters.sql_records import Database, SqlRecords
from grader.domain.enrollment import attempt_id, attempt_stream, enrollment_stream
from grader.domain.ledger import verify
from grader.ports import Records
from tests.chaos.sequences import Step, sequence
from tests.fakes.memory_ledger import MemoryRecords
from tests.fakes.story import TERMS
from tests.properties.invariants import check

KILLS = 3


def send(address: str, steps: tuple[Step, ...], answers: Path) -> None:
    """The client: goes on after the last answer, and sends the last answered request once more."""
    database = Database(address)
    records = SqlRecords(database)
    answered = len(answers.read_text().splitlines()) if answers.exists() else 0
    with answers.open("a") as file:
        for place, step in enumerate(steps[max(0, answered - 1) :], start=max(0, answered - 1)):
            again = place < answered
            if again and not _accepted(records, step):
                continue  # a refusal left nothing; a client that has its answer does not ask again
            outcome = step.send(records)
            assert not again or outcome.replayed, f"{step.key} was applied twice"
            if not again:
                file.write(json.dumps({"key": step.key, "replayed": outcome.replayed}) + "\n")
                file.flush()
    database.close()


def _accepted(records: Records, step: Step) -> bool:
    streams = (
        attempt_stream(attempt_id(step.learner, TERMS.twin, step.number)),
        enrollment_stream(step.learner, TERMS.twin),
    )
    return any(entry.key == step.key for stream in streams for entry in records.stream(stream))


def killed(address: str, steps: tuple[Step, ...], answers: Path, after: float | None) -> bool:
    """Run the client in a process of its own and kill it after so many seconds; True when the kill came in time."""
    child = os.fork()
    if child == 0:
        try:
            send(address, steps, answers)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a forked child must not go on as its parent
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "the client failed"
    return False


def main(address: str, count: int, seed: int) -> None:
    dice = random.Random(seed)
    Database(address).close()
    kills = between = 0
    expected = MemoryRecords()
    usual = 0.1
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            steps = sequence(seed * 100_000 + number, expected)
            answers = Path(folder) / str(number)
            for _ in range(KILLS):
                if not killed(address, steps, answers, dice.uniform(0, usual)):
                    break
                kills += 1
            began = time.monotonic()
            killed(address, steps, answers, None)
            usual = max(0.02, 0.9 * usual + 0.1 * (time.monotonic() - began))
            told = [json.loads(line) for line in answers.read_text().splitlines()]
            assert [each["key"] for each in told] == [step.key for step in steps], "an answer is missing"
            between += sum(each["replayed"] for each in told)
    database = Database(address)
    found, wanted = list(SqlRecords(database).entries()), list(expected.entries())
    database.close()
    assert verify(found) is None, verify(found)
    assert found == wanted, f"{len(found)} entries instead of {len(wanted)}, or others"
    check(found)
    print(json.dumps({"sequences": count, "kills": kills, "killed_before_the_answer": between, "entries": len(found)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
