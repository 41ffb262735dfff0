"""Marks: which characters of a Qt document a model wrote, as a property of their formats.

So Qt itself carries them through undo and redo, split and joined paragraphs. What is inserted among them, with keys, by
dictation or a screen reader, gets their format from Qt, but never its type of object: a mark without that is none.
On the clipboard they travel beside the plain text, for Writer alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat

from writer.credits import Credits, ordered
from writer.story import Credit, Origin
from writer.ui import utf16

MIME = "application/x-writer-credits"
_OBJECT = QTextFormat.ObjectTypes.UserObject.value + 1
_PROPERTY = QTextFormat.Property.UserProperty.value + 1
_LARGEST_PARCEL = 4 << 20
_LONGEST_NAME = 1000


def marked(origin: Origin | None) -> QTextCharFormat:
    """The format of what came from there; of the author's own words for None."""
    format = QTextCharFormat()
    if origin is not None:
        format.setObjectType(_OBJECT)
        # The origin itself, not a number for it: so it means the same in every document.
        format.setProperty(_PROPERTY, json.dumps(astuple(origin)))
    return format


def is_marked(format: QTextFormat) -> bool:
    """Whether a model wrote what has this format."""
    return format.objectType() == _OBJECT


def stretches(block: QTextBlock) -> list[tuple[int, int, Origin]]:
    """Start, end (in Qt's units from the paragraph's start) and origin of what a model wrote in a paragraph."""
    formats = block.textFormats()  # kept while its members are used: they live no longer
    return [
        (part.start, part.start + part.length, _origin(part.format.property(_PROPERTY)))
        for part in formats
        if is_marked(part.format)
    ]


def credits_of(document: QTextDocument) -> Credits:
    """What of the document's text a model wrote, in code points."""
    if not _has_marks(document):
        return ()
    found: list[Credit] = []
    start = 0
    block = document.begin()
    while block.isValid():
        prose = block.text()
        if start and is_marked(block.charFormat()):  # which is that of the line end before the paragraph
            found.append(Credit(start - 1, start, _origin(block.charFormat().property(_PROPERTY))))
        coded = b"" if prose.isascii() else prose.encode("utf-16-le", "surrogatepass")
        done = point = 0
        for first, last, origin in stretches(block):
            begin = point + _points(coded, done, first)
            done, point = last, begin + _points(coded, first, last)
            found.append(Credit(start + begin, start + point, origin))
        start += len(prose) + 1
        block = block.next()
    return ordered(found, start - 1)


def put(document: QTextDocument, text: str, credits: Credits) -> None:
    """Mark what a model wrote, and nothing else, in a document that holds this text."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    if _has_marks(document):
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.setCharFormat(marked(None))
    done = position = 0
    for credit in credits:
        begin = position + utf16.units(text[done : credit.start])
        done, position = credit.end, begin + utf16.units(text[credit.start : credit.end])
        cursor.setPosition(begin)
        cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(marked(credit.origin))
    cursor.endEditBlock()


def pack(data: QMimeData, text: str, credits: Credits) -> None:
    """Put beside a plain text on the clipboard what of it a model wrote."""
    if credits:
        rows = [[credit.start, credit.end, list(astuple(credit.origin))] for credit in credits]
        data.setData(MIME, json.dumps({"sha256": _sha256(text), "credits": rows}).encode())


def unpack(data: QMimeData, text: str) -> Credits:
    """What of a plain text from the clipboard a model wrote; nothing if that isn't told, or not well."""
    parcel = data.data(MIME) if data.hasFormat(MIME) else None
    if parcel is None or not 0 < parcel.size() <= _LARGEST_PARCEL:
        return ()
    try:
        told = json.loads(bytes(parcel.data()))
        if told["sha256"] != _sha256(text):
            return ()
        return ordered((_credit(row, len(text)) for row in told["credits"]), len(text))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return ()


def _credit(row: Any, length: int) -> Credit:
    """A credit from the clipboard; ValueError or TypeError for anything else."""
    start, end, values = row
    model, engine, seed, prompt, time = values
    if not all(type(number) is int for number in (start, end, seed, time)):
        raise TypeError
    if not 0 <= start < end <= length or not all(0 <= number < 2**63 for number in (seed, time)):
        raise ValueError
    if not all(type(name) is str and name.isprintable() for name in (model, engine, prompt)):
        raise TypeError
    if len(model) > _LONGEST_NAME or len(engine) > _LONGEST_NAME or len(bytes.fromhex(prompt)) != 32:
        raise ValueError
    return Credit(start, end, Origin(model, engine, seed, prompt, time))


@lru_cache(1024)
def _origin(told: str) -> Origin:
    return Origin(*json.loads(told))


def _has_marks(document: QTextDocument) -> bool:
    """Whether any may be there; formats that are no longer used stay for a while."""
    formats = document.allFormats()
    return any(is_marked(format) for format in formats)


def _points(coded: bytes, start: int, end: int) -> int:
    """Code points between two of Qt's positions; of ASCII if ``coded`` is empty."""
    return len(coded[2 * start : 2 * end].decode("utf-16-le", "ignore")) if coded else end - start


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
