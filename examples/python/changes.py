"""Follows every event that is stored or changes, from where it was: python3 changes.py CURSOR_FILE [--until-now]"""

import http.client
import json
import random
import sys
import time

from gatepost import CursorFile, Refusal, from_environment, in_one_line


def follow(gatepost, cursors, pause=1.0, until_now=False):
    """
    Events as JSON, each at least once. The cursor is written once the next event is asked for. One machine answers as
    soon as something is new; on AWS it asks once a second.
    """
    after, tries, wait = cursors.read(), 0, None if until_now else 20
    while True:
        asked = time.monotonic()
        try:
            page = gatepost.ask("/v1/events", {"order": "received", "after": after, "limit": 200, "wait": wait})
        except (Refusal, OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            # What does not go away by itself, such as a revoked key, ends it.
            if isinstance(error, Refusal) and error.status != 429 and error.status < 500:
                raise
            delay = min(30.0, 0.5 * 2**tries) * random.uniform(0.5, 1)
            tries = min(tries + 1, 10)
            time.sleep(max(delay, getattr(error, "retry_after", 0.0)))
            continue
        tries = 0
        yield from page["events"]
        if page["next"] != after:
            after = page["next"]
            cursors.write(after)
        if not page["more"]:
            if until_now:
                return
            time.sleep(max(0.0, pause - (time.monotonic() - asked)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with in_one_line():
        for event in follow(from_environment(), CursorFile(sys.argv[1]), until_now="--until-now" in sys.argv):
            print(json.dumps(event, ensure_ascii=False), flush=True)
