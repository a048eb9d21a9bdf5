"""What botocore's models say of a value, and what botocore itself does not look at: words, lengths, numbers, forms."""

import re

from botocore.model import ListShape, MapShape, Shape, StructureShape

# Forms that Python's `re` does not read; nothing is compared with them.
unread_patterns: set[str] = set()


def faults_of(shape: Shape | None, value: object, path: str) -> list[str]:
    """What is wrong with a value that is sent as this shape."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return [
            fault
            for name, one in value.items()
            if name in shape.members
            for fault in faults_of(shape.members[name], one, f"{path}.{name}")
        ]
    if isinstance(shape, ListShape) and isinstance(value, list):
        inner = [fault for at, one in enumerate(value) for fault in faults_of(shape.member, one, f"{path}[{at}]")]
        return [*_bounds(shape, len(value), path), *inner]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        inner = [fault for key, one in value.items() for fault in faults_of(shape.value, one, f"{path}.{key}")]
        return [*_bounds(shape, len(value), path), *inner]
    if shape is None or isinstance(value, bool):
        return []
    if isinstance(value, str):
        return [*_bounds(shape, len(value), path), *_word(shape, value, path), *_form(shape, value, path)]
    if isinstance(value, int | float):
        return _bounds(shape, value, path)
    return []


def _bounds(shape: Shape, number: float, path: str) -> list[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        return [f"{path}: {number} is under {least}"]
    if most is not None and number > most:
        return [f"{path}: {number} is over {most}"]
    return []


def _word(shape: Shape, value: str, path: str) -> list[str]:
    words = shape.metadata.get("enum")
    return [] if words is None or value in words else [f"{path}: {value!r} is none of {', '.join(words)}"]


def _form(shape: Shape, value: str, path: str) -> list[str]:
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return []
    try:
        fits = re.fullmatch(pattern, value, re.DOTALL) is not None
    except re.error:
        unread_patterns.add(pattern)
        return []
    return [] if fits else [f"{path}: {value!r} has not the form {pattern}"]
