"""Does what boxes ask for by a command of yours: python3 receiver.py PORT COMMAND [ARGUMENT…]

The command gets the announcement as JSON on stdin and the photo as a file in $PHOTO. Exit code 0 means done, and what it
prints is the note; anything else means failed. It may be run again for the same $ACTION, so it must stand that.

In the environment: WEBHOOK_SECRET of the rule, GATEPOST_URL, and GATEPOST_TOKEN, an admin key.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))
from gatepost import from_environment  # noqa: E402

MAX_BODY_BYTES = 256 * 1024  # Gatepost sends no longer ones.
MAX_AGE_SECONDS = 300  # An older delivery is somebody else's who has recorded it.
MAX_NOTE_BYTES = 1000  # Of UTF-8: Gatepost refuses a note of over 1 KB.

if len(sys.argv) < 3 or "WEBHOOK_SECRET" not in os.environ:
    sys.exit(__doc__)
gatepost = from_environment()
command = sys.argv[2:]
under_way, lock = set(), threading.Lock()


def secret_of(text: str) -> bytes:
    return base64.b64decode(text[len("whsec_") :]) if text.startswith("whsec_") else text.encode()


SECRET = secret_of(os.environ["WEBHOOK_SECRET"])


def is_genuine(body: bytes, headers) -> bool:
    """Signed by who knows the secret, and just now: as Standard Webhooks say."""
    sent = headers.get("webhook-timestamp", "")
    signed = f"{headers.get('webhook-id', '')}.{sent}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode().split(b" ")  # Two while the rule has a new and an old secret.
    is_signed = any(hmac.compare_digest(expected, signature) for signature in given)
    return is_signed and abs(time.time() - int(sent)) <= MAX_AGE_SECONDS


def check_key() -> None:
    """Whoever cannot tell Gatepost what became of it would do it again with each delivery."""
    key = gatepost.ask("/v1/me")["key"]
    if key["scope"] != "admin" and "boxes" not in key:
        raise PermissionError("GATEPOST_TOKEN is a read key of every box, which settles nothing: give an admin key")


def act(action: str, body: bytes, photo_at: str | None) -> None:
    check_key()
    with tempfile.TemporaryDirectory() as folder:
        photo = ""
        if photo_at is not None:
            photo = os.path.join(folder, "photo.jpg")
            pathlib.Path(photo).write_bytes(gatepost.fetch(photo_at))
        env = {**os.environ, "ACTION": action, "PHOTO": photo}
        ran = subprocess.run(command, input=body, env=env, stdout=subprocess.PIPE, check=False)
    note = ran.stdout.decode(errors="replace").strip().encode()[:MAX_NOTE_BYTES].decode(errors="ignore")
    answer = {"state": "done" if ran.returncode == 0 else "failed", "note": note}
    gatepost.ask(f"/v1/actions/{urllib.parse.quote(action)}", body=answer)


def take(body: bytes) -> int:
    announced = json.loads(body)
    if announced["detail-type"] == "Gatepost Test":  # Somebody asks from the console whether this rule arrives.
        return 204
    detail = announced["detail"]
    action = detail["idempotency_key"]
    with lock:
        if action in under_way:
            return 503
        under_way.add(action)
    try:
        # Gatepost itself remembers what was done, also when this program ended in between.
        if gatepost.ask(f"/v1/actions/{urllib.parse.quote(action)}")["state"] != "done":
            act(action, body, detail["photo"] and detail["photo"]["href"])
        return 204
    finally:
        with lock:
            under_way.discard(action)


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            length = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(length) if 0 < length <= MAX_BODY_BYTES else b""
            status = take(body) if is_genuine(body, self.headers) else 401
        except Exception as error:  # Whatever it was: Gatepost delivers it again.
            print(error, file=sys.stderr)
            status = 503
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing of each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("", int(sys.argv[1])), Webhook)
    print(f"listening on {server.server_address}", flush=True)
    server.serve_forever()
