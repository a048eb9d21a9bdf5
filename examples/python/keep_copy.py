"""Keeps a copy of events and faces in a folder, by a generated client: python3 keep_copy.py FOLDER [--until-now]"""

import itertools
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
from gatepost import CursorFile
from gatepost_client import AuthenticatedClient
from gatepost_client.api.acknowledgements import acknowledge_events
from gatepost_client.api.events import get_event_picture, list_events
from gatepost_client.models import AcknowledgeEventsRequest, ChangesPage, Event, ListedEvents
from gatepost_client.models import EventPictureKind as Picture
from gatepost_client.models import ListEventsOrder as Order
from gatepost_client.types import UNSET, Response, Unset

T = TypeVar("T")


def answer_of(request: Callable[[], Response[T]]) -> Response[T]:
    """Sends a request until it is answered. A refusal, which does not go away by itself, ends the program."""
    for tries in itertools.count():
        pause = min(30.0, 0.5 * 2 ** min(tries, 6)) * random.uniform(0.5, 1)
        try:
            answer = request()
            if answer.status_code < 400:
                return answer
            if answer.status_code != 429 and answer.status_code < 500:
                sys.exit(f"{answer.status_code}: {answer.content.decode(errors='replace')}")
            time.sleep(max(pause, float(answer.headers.get("retry-after", "0"))))
        # The second one: a proxy answers by a page.
        except (httpx.TransportError, json.JSONDecodeError):
            time.sleep(pause)
    raise AssertionError


def stored(client: AuthenticatedClient) -> Iterator[Event]:
    """All events, newest first, page after page."""
    cursor: str | Unset = UNSET
    while True:
        page = answer_of(lambda: list_events.sync_detailed(client=client, limit=100, cursor=cursor)).parsed
        assert isinstance(page, ListedEvents)
        yield from page.events
        if page.next_ is None:
            return
        cursor = page.next_


def changes(client: AuthenticatedClient, cursors: CursorFile, until_now: bool) -> Iterator[Event]:
    """Events in the order of their last changes, each at least once. The cursor is kept once a page is handled."""
    while True:
        asked, after = time.monotonic(), cursors.read() or UNSET
        wait = UNSET if until_now else 20
        feed = partial(list_events.sync_detailed, client=client, order=Order.RECEIVED)
        page = answer_of(lambda: feed(after=after, wait=wait, limit=100)).parsed
        assert isinstance(page, ChangesPage)
        yield from page.events
        cursors.write(page.next_)
        if not page.more:
            if until_now:
                return
            # On AWS the feed does not wait.
            time.sleep(max(0.0, 1 - (time.monotonic() - asked)))


def keep(client: AuthenticatedClient, folder: Path, event: Event) -> None:
    """Keeps the last form of an event. It may be given twice: what is done for it has no effect the second time."""
    if "face" in event.pictures:
        picture = answer_of(lambda: get_event_picture.sync_detailed(event.id, Picture.FACE, client=client))
        (folder / f"{event.id}.jpg").write_bytes(picture.content)
    if event.actions:
        body = AcknowledgeEventsRequest(events=[event.id])
        answer_of(lambda: acknowledge_events.sync_detailed(client=client, body=body, idempotency_key=event.id))
    path = folder / f"{event.id}.json"
    is_new = not path.exists()
    path.write_text(json.dumps(event.to_dict()), encoding="utf8")
    print("new" if is_new else "changed", event.id, flush=True)


def main(folder: Path, until_now: bool) -> None:
    url, token = os.environ["GATEPOST_URL"], os.environ["GATEPOST_TOKEN"]
    client = AuthenticatedClient(base_url=url, token=token, follow_redirects=True, timeout=httpx.Timeout(30))
    folder.mkdir(exist_ok=True)
    print(sum(1 for _ in stored(client)), "events are stored", flush=True)
    for event in changes(client, CursorFile(str(folder / "cursor")), until_now):
        keep(client, folder, event)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), "--until-now" in sys.argv)
