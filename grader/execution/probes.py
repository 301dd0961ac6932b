"""Puts a case's probes to an application: the scripted model and the application in a pod, one question at a time."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from grader.domain.case import Case, Probe, ProbeId, ProbeObservation, Reply, Turn
from grader.domain.observation import Ended
from grader.domain.sandbox import MIB, ImageId, Limits, SandboxOrder
from grader.domain.tree import Tree
from grader.errors import SandboxUnavailable
from grader.ports import Dialogue, Pod

MODEL_URL = "http://127.0.0.1:8410/v1"
BACKEND_URL = "http://127.0.0.1:8410/backend"
ANSWER_SECONDS = 20.0
"""An application that takes longer for one answer is stopped; its client's own time-out is shorter."""
START_SECONDS = 60.0
RESTARTS = 2
"""How often an application that crashed or hung is started again before its remaining answers count as errors."""
MODEL_LIMITS = Limits(wall_seconds=3600, memory=256 * MIB)
APP_LIMITS = Limits(wall_seconds=300, memory=384 * MIB)
ENDED_REASON = {
    Ended.EXITED: "the application ended",
    Ended.WALL_LIMIT: f"the application gave no answer within {ANSWER_SECONDS:.0f} s",
    Ended.MEMORY_LIMIT: "the application ran out of memory",
    Ended.OUTPUT_LIMIT: "the application wrote too much",
}


def environment(case: Case) -> dict[str, str]:
    """What the application finds in its environment: where the scripted model is, and the case's date."""
    return {
        "OPENAI_BASE_URL": MODEL_URL,
        "OPENAI_API_KEY": "kit",
        "BACKEND_URL": BACKEND_URL,
        "CHAT_MODEL": "meridian-chat-1",
        "APP_TODAY": case.today,
        "NO_PROXY": "127.0.0.1",
    }


def model_order(image: ImageId) -> SandboxOrder:
    """The service of a case's pod; it serves nothing until `load` was called."""
    return SandboxOrder(image=image, program="scripted_model", payload=b"", limits=MODEL_LIMITS)


def load(service: Dialogue, case: Case, profile: str) -> None:
    """Let the scripted model serve a case under a profile; raises SandboxUnavailable when it does not start."""
    answer = _tell(service, {"do": "load", "spec": case.model, "profile": profile})
    if not answer.get("ok"):
        raise SandboxUnavailable(f"the scripted model did not start: {answer.get('error', answer)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """What is asked of which tree, under which profile."""

    case: Case
    tree: Tree
    probes: Sequence[Probe]
    profile: str
    hash_seed: int = 0
    patience: float = 1.0
    """How many times as long as usual an answer may take."""

    def disordered(self, hash_seed: int) -> "Interview":
        """The same questions in a random order, which the hash seed that Python is given chooses too."""
        drawn = {probe.id: hashlib.sha256(f"order {hash_seed} {probe.id}".encode()).digest() for probe in self.probes}
        shuffled = tuple(sorted(self.probes, key=lambda probe: drawn[probe.id]))
        return replace(self, probes=shuffled, hash_seed=hash_seed)


def app_order(image: ImageId, interview: Interview) -> SandboxOrder:
    """The container that an interview's application runs in; nothing of the application is in it yet."""
    return SandboxOrder(
        image=image,
        program="app_adapter",
        payload=b"",
        limits=APP_LIMITS,
        warm=interview.case.warm,
        hash_seed=interview.hash_seed,
    )


def is_alive(service: Dialogue) -> bool:
    """Whether the scripted model still answers."""
    return "calls" in _tell(service, {"do": "journal"})


def ask_all(pod: Pod, image: ImageId, interview: Interview) -> tuple[ProbeObservation, ...]:
    """Ask every probe in order, in one pod; raises SandboxUnavailable when the engine is at fault."""
    load(pod.service, interview.case, interview.profile)
    with _Application(pod, image, interview) as application:
        return tuple(_observations(pod.service, application, interview))


def is_late(observation: ProbeObservation) -> bool:
    """Whether an answer came too late for us, or the model's for the application: the machine may have been busy."""
    return observation.reply.error == ENDED_REASON[Ended.WALL_LIMIT] or "Timeout" in observation.reply.error


def ask_again(
    pod: Pod, image: ImageId, interview: Interview, found: tuple[ProbeObservation, ...]
) -> tuple[ProbeObservation, ...]:
    """The same, with late answers asked for once more: each of a fresh application, and with more patience."""
    late = {observation.probe for observation in found if is_late(observation)}
    patient = replace(interview, patience=2 * interview.patience)
    again: dict[ProbeId, ProbeObservation] = {}
    for probe in (probe for probe in interview.probes if probe.id in late):
        again |= {o.probe: o for o in ask_all(pod, image, replace(patient, probes=(probe,)))}
    return tuple(again.get(observation.probe, observation) for observation in found)


def _observations(service: Dialogue, application: "_Application", interview: Interview) -> Iterator[ProbeObservation]:
    for probe in interview.probes:
        reply = _put(service, application, probe)
        calls = _tell(service, {"do": "journal"}).get("calls", [])
        unclassified = sum(1 for call in calls if call.get("unclassified"))
        topics = tuple(dict.fromkeys(topic for call in calls for topic in call.get("topics", ())))
        yield ProbeObservation(
            probe=probe.id, profile=interview.profile, reply=reply, unclassified=unclassified, topics=topics
        )


def _put(service: Dialogue, application: "_Application", probe: Probe) -> Reply:
    """The reply to the probe's own turn, after the turns before it."""
    before: list[str] = []
    for turn in (*probe.earlier, probe.turn):
        _tell(service, {"do": "probe", "probe": _armed(probe, turn, before)})
        reply = application.ask(probe, turn)
        before.append(turn.text)
    return reply


def _armed(probe: Probe, turn: Turn, before: Sequence[str]) -> dict[str, Any] | None:
    if probe.free:
        return None
    return {
        "id": probe.id,
        "input": turn.text,
        "topics": list(turn.topics),
        "language": probe.language,
        "english": probe.english,
        "draw": probe.draw,
        "earlier": list(before),
        "faults": dict(probe.faults if turn.faults is None else turn.faults),
    }


@dataclass
class _Application(AbstractContextManager["_Application"]):
    """The learner's application in its container; started again after a crash, a few times."""

    pod: Pod
    image: ImageId
    interview: Interview
    starts: int = 0
    broken: str = ""
    dialogue: Dialogue | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def ask(self, probe: Probe, turn: Turn) -> Reply:
        """One turn; an application that cannot be started, or died too often, answers with that as its error."""
        if self.dialogue is None and not self.broken:
            self._start()
        if self.dialogue is None:
            return Reply(error=self.broken)
        line = self.dialogue.ask(_line(_question(probe, turn)), seconds=self.interview.patience * ANSWER_SECONDS)
        if isinstance(line, Ended):
            self._stop()
            if self.starts > RESTARTS:
                self.broken = ENDED_REASON[line]
            return Reply(error=ENDED_REASON[line])
        return read_reply(line)

    def _start(self) -> None:
        self.starts += 1
        case = self.interview.case
        dialogue = self.stack.enter_context(self.pod.dialogue(app_order(self.image, self.interview)))
        files = {file.path: base64.b64encode(file.content).decode() for file in self.interview.tree.files}
        command = {"do": "load", "files": files, "env": environment(case), "module": case.module}
        line = dialogue.ask(_line(command), seconds=START_SECONDS)
        answer = {"error": ENDED_REASON[line]} if isinstance(line, Ended) else _parsed(line)
        if answer.get("ok") is True:
            self.dialogue = dialogue
        else:
            self.broken = f"the application does not start: {str(answer.get('error'))[:200]}"
            self._stop()

    def _stop(self) -> None:
        self.dialogue = None
        self.stack.close()


def _question(probe: Probe, turn: Turn) -> dict[str, Any]:
    request = {
        "session_id": probe.session,
        "customer_id": turn.customer,
        "message": turn.text,
        "locale": probe.locale,
        "region": probe.region,
    }
    return {
        "do": "ask",
        "request": {name: value for name, value in request.items() if value},
        "stream": turn.stream,
        "env": {"APP_TODAY": probe.today} if probe.today else {},
        "put": {path: base64.b64encode(content).decode() for path, content in probe.files.items()},
    }


def read_reply(line: bytes) -> Reply:
    """What an application answered, checked field by field; whatever does not fit is an error of its own."""
    said = _parsed(line)
    reply = said.get("reply")
    if not isinstance(reply, dict):
        return Reply(error=str(said.get("error", "not an answer"))[:300])
    answer, citations, escalate = reply.get("answer"), reply.get("citations", []), reply.get("escalate", False)
    if not isinstance(answer, str) or type(escalate) is not bool or not isinstance(citations, list):
        return Reply(error="the answer does not have the agreed fields")
    if not all(isinstance(cited, str) for cited in citations):
        return Reply(error="a citation is not a text")
    return Reply(answer=answer, citations=tuple(citations), escalate=escalate)


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": "the answer is not JSON"}
    return said if isinstance(said, dict) else {"error": "the answer is not an object"}


def _line(command: Mapping[str, Any]) -> bytes:
    return json.dumps(command).encode() + b"\n"


def _tell(service: Dialogue, command: Mapping[str, Any]) -> Mapping[str, Any]:
    line = service.ask(_line(command), seconds=START_SECONDS)
    if isinstance(line, Ended):
        return {"error": f"the scripted model is gone ({line})"}
    return _parsed(line)
