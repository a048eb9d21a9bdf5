"""Prints events as they come, over every disconnection: python3 live.py CURSOR_FILE. Needs python3-websocket."""

import http.client
import json
import random
import sys
import time

import websocket
from gatepost import CursorFile, Refusal, from_environment, in_one_line


def follow(gatepost, cursors):
    """Events, each once on one machine. It connects by a ticket, so that no key is in a URL."""
    tries = 0
    while True:
        try:
            live = gatepost.ask("/v1/me")["server"]["live"]
            if not live.startswith("ws"):
                live = f"{gatepost.url.replace('http', 'ws', 1)}{live}"
            ticket = gatepost.ask("/v1/tickets", body={"for": "live"})["ticket"]
            connection = websocket.create_connection(f"{live}?token={ticket}", timeout=90, skip_utf8_validation=True)
            tries = 0
            yield from messages(connection, cursors)
        except (websocket.WebSocketException, OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            print(f"disconnected: {error}", file=sys.stderr)
        except Refusal as refusal:
            if refusal.status != 429 and refusal.status < 500:
                raise
            print(f"not connected: {refusal.status}: {refusal}", file=sys.stderr)
        time.sleep(min(30.0, 0.5 * 2**tries) * random.uniform(0.5, 1))
        tries = min(tries + 1, 10)


def messages(connection, cursors):
    def ask(since):
        # Counts come every few seconds and only where they changed; the server's pings keep a quiet connection alive.
        wish = {"event_list": ["*"], "form": "event"}
        connection.send(json.dumps({**wish, "since": since} if since else wish))

    ask(cursors.read())
    try:
        while True:
            kind, data = connection.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                return
            message = json.loads(data)
            if message.get("error", {}).get("message", "").startswith("since:"):
                print("what was missed is not known: the last event is gone", file=sys.stderr)
                ask(None)
            if "event" in message:
                yield message["event"]
                cursors.write(message["event"]["id"])
    finally:
        connection.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with in_one_line():
        for event in follow(from_environment(), CursorFile(sys.argv[1])):
            print(json.dumps(event, ensure_ascii=False), flush=True)
