# ruff: noqa: S310, T201  # a script; it asks the one address it is given
"""Use the service as a person's browser does, through the edge: register, log in, ask, read the answer as it streams.

Runs on the machine under test with nothing but Python; prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from urllib.request import Request, urlopen


def call(address: str, path: str, body: dict[str, str], token: str = "") -> dict[str, object]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(address + path, json.dumps(body).encode(), headers), timeout=60) as response:
        document: dict[str, object] = json.load(response)
        return document


def ask(address: str, conversation: object, question: str, token: str) -> dict[str, object]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    body = json.dumps({"content": question}).encode()
    request = Request(f"{address}/api/conversations/{conversation}/messages", body, headers)
    start = time.monotonic()
    answer, event, first, status = [], "", 0.0, ""
    with urlopen(request, timeout=120) as response:
        for raw in response:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
                if event == "token":
                    first = first or time.monotonic() - start
                    answer.append(data["text"])
                elif event == "done":
                    status = data["status"]
    return {"answer": "".join(answer), "chunks": len(answer), "first_token_seconds": round(first, 3), "status": status}


def main(address: str, username: str) -> None:
    credentials = {"username": username, "password": "correct horse battery"}
    call(address, "/api/auth/register", credentials)
    token = str(call(address, "/api/auth/login", credentials)["access_token"])
    conversation = call(address, "/api/conversations", {}, token)["id"]
    print(json.dumps(ask(address, conversation, "What is the capital of France?", token)))


if __name__ == "__main__":
    main(*sys.argv[1:])
