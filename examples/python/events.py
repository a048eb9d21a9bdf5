"""Lists who passed: python3 events.py [FILTER=VALUE…], for example box=gate-1 type=stranger type=blacklist."""

import sys

from gatepost import from_environment, in_one_line


def pages(gatepost, **query):
    """All events that a filter finds, newest first, page after page."""
    cursor = None
    while True:
        page = gatepost.ask("/v1/events", {**query, "limit": 200, "cursor": cursor})
        yield from page["events"]
        cursor = page["next"]
        if cursor is None:
            return


def main(arguments):
    query = {}
    for argument in arguments:
        name, _, value = argument.partition("=")
        query.setdefault(name, []).append(value)
    for event in pages(from_environment(), **query):
        person = event["person"]
        print(event["time"], event["box"]["id"], person["type"], person["id"] or "-", person["name"] or "-", sep="\t")


if __name__ == "__main__":
    with in_one_line():
        main(sys.argv[1:])
