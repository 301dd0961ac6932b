"""Runs inside a container, as `app_adapter.py`: imports the learner's app and puts questions to it, one JSON line each.

First line in: {"files": {path: base64}, "module": "app.assistant", "env": {...}, "warm": ["openai"]}; out: {"ready": true}.
Then for each question in: {"request": {...}, "stream": false, "env": {...}, "put": {path: base64}}, and one line out:
{"reply": ...} or {"error": "..."}. Replies are data, judged elsewhere; nothing said here is trusted.
"""
