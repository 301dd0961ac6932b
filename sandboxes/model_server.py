"""Serves a scripted model on loopback in the OpenAI wire format. Part of `scripted_model.py`.

Learner code may call every route, so none of them changes anything but the journal.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openai_wire as wire
import reply_shapes

MOST_BODY = 2 * 1024 * 1024
MOST_CALLS = 32
SLOW_SECONDS = 30


class Server(ThreadingHTTPServer):
    """Serves a `Script`; refuses connections past a bound instead of starting threads without end."""

    daemon_threads = True
    script = None

    def __init__(self, port):
        """Listen on loopback; port 0 takes any that is free."""
        super().__init__(("127.0.0.1", port), Handler)
        self.free = threading.BoundedSemaphore(MOST_CALLS)

    def process_request(self, request, client_address):
        """Start a thread for one connection, or close it when too many are open."""
        if not self.free.acquire(timeout=2):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread to be had
            self.free.release()
            self.shutdown_request(request)

    def process_request_thread(self, request, client_address):
        """Serve one connection and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


class Handler(BaseHTTPRequestHandler):
    """The routes: models, chat completions, responses, embeddings, and the case's back ends."""

    protocol_version = "HTTP/1.1"
    timeout = SLOW_SECONDS
    wbufsize = (
        64 * 1024
    )  # head and body leave together: apart, each answer waits 40 ms for the client's acknowledgement
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_):
        """Say nothing: stdout belongs to the control plane."""

    def do_GET(self):
        """Models and back ends."""
        if self.path == "/v1/models":
            card = {"id": "meridian-chat-1", "object": "model", "created": 0, "owned_by": "script"}
            self.send({"object": "list", "data": [card]})
        elif self.path.startswith("/backend/"):
            self.backend()
        else:
            self.refuse(404, "no such route")

    def do_POST(self):
        """Completions, responses, embeddings and back ends."""
        try:
            size = int(self.headers.get("content-length") or 0)
            if not 0 <= size <= MOST_BODY:
                return self.refuse(413, "the request is too large")
            raw = self.rfile.read(size)
            if self.path.startswith("/backend/"):
                return self.backend()
            route = {
                "/v1/chat/completions": self.chat,
                "/v1/responses": self.respond,
                "/v1/embeddings": self.embeddings,
            }.get(self.path)
            return route(json.loads(raw or b"{}")) if route else self.refuse(404, "no such route")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            return self.refuse(400, f"malformed request: {type(error).__name__}")

    # --- routes ---------------------------------------------------------------------------------------------------

    def chat(self, body):
        """POST /v1/chat/completions."""
        if self.model_fault():
            return None
        messages = [m for m in body["messages"] if isinstance(m, dict)]
        replies = [
            self.answer(messages, body, salt=wire.salt(body, n)) for n in range(max(1, min(8, int(body.get("n") or 1))))
        ]
        head = {
            "id": wire.identity("chatcmpl", messages, replies),
            "created": 0,
            "model": str(body.get("model", "")),
        }
        if body.get("stream"):
            return self.chat_stream(body, head, messages, replies[0])
        choices = [
            {"index": n, "finish_reason": "tool_calls" if r.get("tool") else "stop", "message": wire.message(r)}
            for n, r in enumerate(replies)
        ]
        document = {
            **head,
            "object": "chat.completion",
            "choices": choices,
            "usage": wire.usage(messages, replies),
        }
        return self.send(document)

    def chat_stream(self, body, head, messages, reply):
        """The same as server-sent events."""

        def chunk(delta, reason=None):
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            return {**head, "object": "chat.completion.chunk", "choices": [choice]}

        if call := reply.get("tool"):
            events = [
                chunk({"role": "assistant", "tool_calls": [wire.call(call, index=0)]}),
                chunk({}, "tool_calls"),
            ]
        else:
            events = [chunk({"role": "assistant", "content": ""})]
            events += [chunk({"content": piece}) for piece in wire.pieces(reply["text"])]
            events += [chunk({}, "stop")]
        if (body.get("stream_options") or {}).get("include_usage"):
            closing = {
                **head,
                "object": "chat.completion.chunk",
                "choices": [],
                "usage": wire.usage(messages, [reply]),
            }
            events.append(closing)
        self.send_events([f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"])

    def respond(self, body):
        """POST /v1/responses."""
        if self.model_fault():
            return None
        messages = wire.messages_of_responses(body)
        text_format = ((body.get("text") or {}).get("format")) or {}
        tools = [{"function": tool} for tool in body.get("tools") or () if isinstance(tool, dict)]
        shape = {"response_format": {**text_format, "json_schema": text_format}, "tools": tools}
        reply = self.answer(messages, shape, salt="")
        document = wire.response(wire.identity("resp", messages, [reply]), str(body.get("model", "")), reply)
        if not body.get("stream"):
            return self.send(document)
        started = {**document, "status": "in_progress", "output": []}
        events = [("response.created", {"response": started})]
        where = {"item_id": "msg_0", "output_index": 0, "content_index": 0, "logprobs": []}
        if not reply.get("tool"):
            events += [
                ("response.output_text.delta", {**where, "delta": piece}) for piece in wire.pieces(reply["text"])
            ]
            events += [("response.output_text.done", {**where, "text": reply["text"]})]
        events += [("response.completed", {"response": document})]
        return self.send_events(
            f"event: {name}\ndata: {json.dumps({'type': name, 'sequence_number': n, **data})}\n\n"
            for n, (name, data) in enumerate(events)
        )

    def embeddings(self, body):
        """POST /v1/embeddings: hashed bags of words, so that texts with shared words are near each other."""
        inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [
            {"object": "embedding", "index": n, "embedding": wire.embedding(str(text))}
            for n, text in enumerate(inputs[:512])
        ]
        usage = {"prompt_tokens": 0, "total_tokens": 0}
        self.send({"object": "list", "model": str(body.get("model", "")), "data": data, "usage": usage})

    def backend(self):
        """The case's own services, with the fault that the probe or the script names for that path."""
        script = self.server.script
        path = self.path.removeprefix("/backend")
        probe = (script.probe if script else None) or {}
        entry = next((e for e in script.spec.get("backend", []) if e["path"] == path), None) if script else None
        service = path.strip("/").split("/")[0]
        fault = probe.get("faults", {}).get(service) or (entry or {}).get("fault")
        if fault:
            return self.fail(fault, entry)
        return self.send(entry["json"]) if entry else self.refuse(404, "no such record")

    def fail(self, fault, entry):
        """Answer as a broken service does."""
        match fault:
            case "timeout":
                threading.Event().wait(SLOW_SECONDS)
                self.close_connection = True
            case "malformed":
                self.send_bytes(b'{"status": "ok", "data": {', "application/json")
            case "empty":
                self.send_bytes(b"", "application/json")
            case "partial":
                self.send({**dict.fromkeys((entry or {}).get("json", {})), "status": "partial"})
            case _:
                self.refuse(int(fault), "the service failed")

    # --- sending --------------------------------------------------------------------------------------------------

    def answer(self, messages, body, *, salt):
        """Let the model reply, in the shape that the caller asked for, and note it."""
        script = self.server.script
        reply = script.model.reply(messages, probe=script.probe, tools=body.get("tools") or (), salt=salt)
        wanted = body.get("response_format") or {}
        if wanted.get("type") in ("json_object", "json_schema") and reply["kind"] == "answer":
            schema = (wanted.get("json_schema") or {}).get("schema")
            instructions = script.model.instructions(messages, "")
            reply = {**reply, "text": reply_shapes.structured(reply, schema, instructions)}
        script.note(reply["kind"], reply)
        return reply

    def model_fault(self):
        """Whether the probe breaks the model itself; then the refusal is sent."""
        fault = ((self.server.script.probe or {}).get("faults") or {}).get("model")
        if fault:
            self.fail(fault, None)
        return bool(fault)

    def send(self, document):
        """One JSON document."""
        self.send_bytes(json.dumps(document).encode(), "application/json")

    def send_bytes(self, content, kind, status=200):
        """A whole body with its length."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_events(self, events):
        """Server-sent events, then close."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for event in events:
            self.wfile.write(event.encode())
        self.close_connection = True

    def refuse(self, status, message):
        """An error in the wire format."""
        error = {"error": {"message": message, "type": "invalid_request_error", "code": None, "param": None}}
        self.send_bytes(json.dumps(error).encode(), "application/json", status)


def start(server):
    """Serve in the background."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
