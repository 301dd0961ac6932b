"""Runs inside a container: a language model that speaks the OpenAI wire format on loopback and answers by script.

Controlled over its own stdin and stdout, one JSON line each way; no HTTP route changes anything:

in   {"do": "load", "spec": {…}, "profile": "A"}   start to serve a case under a profile
     {"do": "probe", "probe": {…} or null}         the question that the next calls belong to
     {"do": "journal"}                              the calls since the last time this was asked
out  {"ok": true, "port": 8410} or {"calls": […]} or {"error": "…"}

The case's own back ends (accounts, tariffs) are served below /backend/ from the same script, with the faults it names.
"""

import json
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import model_reply
from model_server import Server, start

PORT = 8410
JOURNAL_KEPT = 2_000


class Script:
    """What is served at the moment; replaced as a whole, so that a request sees one state."""

    def __init__(self, spec, profile):
        """The case's model as plain data, and the name of the profile that answers."""
        self.spec = spec
        self.model = model_reply.Model(spec, profile)
        self.probe = None
        self.journal = []
        self.lock = threading.Lock()

    def note(self, kind, reply):
        """Write one call into the journal."""
        with self.lock:
            if len(self.journal) < JOURNAL_KEPT:
                probe = (self.probe or {}).get("id")
                self.journal.append(
                    {"probe": probe, "kind": kind, "topics": reply["topics"], "unclassified": reply["unclassified"]}
                )

    def take_journal(self):
        """The calls since the last time this was asked."""
        with self.lock:
            calls, self.journal = self.journal, []
        return calls


def serve_in_background(spec_file=None, profile="A"):
    """Serve a script from its JSON file (default: `model.json` beside this file); returns the base URL."""
    path = Path(spec_file) if spec_file else Path(__file__).with_name("model.json")
    server = Server(0)
    server.script = Script(json.loads(path.read_text(encoding="utf-8")), profile)
    start(server)
    return f"http://127.0.0.1:{server.server_address[1]}/v1"


def obey(command, server):
    """One control command, one answer."""
    match command["do"]:
        case "load":
            server.script = Script(command["spec"], command["profile"])
            return {"ok": True, "port": server.server_address[1]}
        case "probe":
            server.script.probe = command["probe"]
            return {"ok": True}
        case "journal":
            return {"calls": server.script.take_journal()}
        case unknown:
            return {"error": f"unknown command {unknown}"}


def main():
    """Serve until stdin closes."""
    server = Server(PORT)
    serving = False
    for line in sys.stdin:
        answer = obey(json.loads(line), server)
        if not serving:
            start(server)
            serving = True
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
