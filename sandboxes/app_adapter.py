"""Runs inside a container: imports an application and puts questions to it. JSON lines in, one JSON line out for each.

in   {"do": "load", "files": {path: base64}, "env": {name: text}, "module": "app.assistant"}
     {"do": "ask", "request": {…}, "stream": false, "env": {…}, "put": {path: base64}}
out  {"ok": true} or {"reply": {"answer", "citations", "escalate"}} or {"error": "…"}

The modules that the arguments name are imported before anything is read: what every application of the case imports.
The application shares this process. It can answer what it likes; what it says is data, checked and judged elsewhere.
"""

import base64
import gc
import importlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

MOST_EVENTS = 20_000
MOST_TEXT = 100_000


def main():
    """Import what the arguments name, then obey commands until stdin closes."""
    inbox, outbox = os.dup(0), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)  # what the application prints is not an answer
    commands = os.fdopen(inbox, "rb")
    gc.disable()  # nothing of this is ever garbage
    for name in sys.argv[1:]:
        with suppress(Exception):  # for the application to find out
            importlib.import_module(name)
    gc.freeze()
    gc.enable()
    app = {}
    for line in commands:
        command = json.loads(line)
        outbox.write(json.dumps(obey(command, app), ensure_ascii=True, allow_nan=False) + "\n")
        outbox.flush()


def obey(command, app):
    """One command, one answer; whatever the application raises becomes an error."""
    try:
        match command["do"]:
            case "load":
                app["module"] = load(command)
                return {"ok": True}
            case "ask":
                return {"reply": ask(app["module"], command)}
            case unknown:
                return {"error": f"unknown command {unknown}"}
    except BaseException as error:  # also SystemExit: the application must not end the dialogue by raising
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def load(command):
    """Write the application's files below the working directory and import its entry module."""
    write(command["files"])
    os.environ.update(command["env"])
    sys.path.insert(0, str(Path.cwd()))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    return importlib.import_module(command["module"])


def write(files):
    """Write each file and return what stood there before, None where there was nothing."""
    before = {}
    for name, content in files.items():
        path = Path(name)
        before[name] = base64.b64encode(path.read_bytes()).decode() if path.exists() else None
        if content is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))
    return before


def ask(module, command):
    """One question, under the environment and the changed files that it names; both are put back afterwards."""
    kept = {name: os.environ.get(name) for name in command.get("env", {})}
    os.environ.update(command.get("env", {}))
    before = write(command.get("put", {}))
    try:
        answer = stream(module, command["request"]) if command.get("stream") else module.handle(command["request"])
        return plain(answer)
    finally:
        write(before)
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def stream(module, request):
    """Drain a stream of events into one reply."""
    pieces, cited, escalate, size = [], [], False, 0
    for count, event in enumerate(module.handle_stream(request)):
        piece = event.get("delta") or ""
        size += len(piece)
        if count > MOST_EVENTS or size > MOST_TEXT:
            raise OverflowError("the stream does not end")
        pieces.append(piece)
        cited += list(event.get("citations") or ())
        escalate = escalate or event.get("escalate") is True
    return {"answer": "".join(pieces), "citations": cited, "escalate": escalate}


def plain(answer):
    """The three fields as plain JSON values of their types; raises TypeError for anything else."""
    text, cited, escalate = answer["answer"], answer.get("citations", []), answer.get("escalate", False)
    if type(text) is not str or type(escalate) is not bool or not isinstance(cited, (list, tuple)):
        raise TypeError("handle() must answer {'answer': str, 'citations': [str], 'escalate': bool}")
    if len(text) > MOST_TEXT or len(cited) > 100 or any(type(c) is not str or len(c) > 200 for c in cited):
        raise TypeError("the answer is too large, or a citation is not a short text")
    return {"answer": text, "citations": list(cited), "escalate": escalate}


if __name__ == "__main__":
    main()
