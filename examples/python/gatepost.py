"""What the examples ask of a Gatepost, with nothing but Python's own library."""

import contextlib
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


class Refusal(Exception):
    """What the API answered instead of what was asked for; its text says what to do."""

    def __init__(self, status: int, detail: str, retry_after: float):
        super().__init__(detail)
        self.status = status
        self.retry_after = retry_after


class Gatepost:
    def __init__(self, url: str, token: str):
        self.url = url.rstrip("/")
        self._token = token

    def ask(self, path: str, query: dict | None = None, body: object = None, method: str | None = None):
        """The JSON of an answer, or None. A list in the query is one parameter for each of its values."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        search = f"?{urllib.parse.urlencode(given, doseq=True)}" if given else ""
        text = self.fetch(path + search, None if body is None else json.dumps(body).encode(), method)
        return json.loads(text) if text else None

    def fetch(self, path: str, content: bytes | None = None, method: str | None = None) -> bytes:
        """The bytes of an answer, as of a picture."""
        request = urllib.request.Request(self.url + path, data=content, method=method)
        request.add_header("Authorization", f"Bearer {self._token}")
        if content is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise self._refusal(error) from None

    @staticmethod
    def _refusal(error: urllib.error.HTTPError) -> Refusal:
        try:
            detail = json.loads(error.read())["detail"]
        except (ValueError, KeyError, TypeError):
            detail = error.reason
        retry_after = error.headers.get("Retry-After", "")
        return Refusal(error.code, detail, float(retry_after) if retry_after.isdigit() else 0.0)


def from_environment() -> Gatepost:
    """GATEPOST_URL and GATEPOST_TOKEN, a key of scope read. Ends the program where there is no key."""
    if "GATEPOST_TOKEN" not in os.environ:
        sys.exit("GATEPOST_TOKEN is not in the environment: npx gatepost keys create --scope read")
    return Gatepost(os.environ.get("GATEPOST_URL", "http://127.0.0.1:9528"), os.environ["GATEPOST_TOKEN"])


@contextlib.contextmanager
def in_one_line():
    """Ends a program by one line that says why, and by none for Ctrl-C or where nobody reads on, as `head`."""
    try:
        yield
        sys.stdout.flush()
    except Refusal as refusal:
        sys.exit(f"{refusal.status}: {refusal}")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except urllib.error.URLError as error:
        sys.exit(f"GATEPOST_URL cannot be reached: {error.reason}")


class CursorFile:
    """How far a follower is, in a file that is there whole or not at all."""

    def __init__(self, path: str):
        self._path = path

    def read(self) -> str | None:
        try:
            with open(self._path, encoding="utf8") as file:
                return file.read() or None
        except FileNotFoundError:
            return None

    def write(self, cursor: str) -> None:
        unfinished = f"{self._path}.new"
        with open(unfinished, "w", encoding="utf8") as file:
            file.write(cursor)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, self._path)
