"""Other people's files in and out; each module reads a whole file into a book and lays a book out as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from writer import files
from writer.errors import FileError
from writer.formats import md, txt
from writer.formats.book import Book
from writer.formats.encoding import decode
from writer.i18n import _
from writer.story import Section
from writer.text import clean

__all__ = ["ENDINGS", "Book", "put", "read", "read_book", "read_text", "write"]

_FORMATS: dict[str, ModuleType] = {".txt": txt, ".text": txt, ".md": md, ".markdown": md}
_LARGEST_BYTES = 64 * 2**20

ENDINGS = tuple(_FORMATS)
"""What a file's name may end with."""


def read(path: Path) -> list[Section]:
    """The sections of a file in story order; FileError if it can't be read or its kind isn't known."""
    return list(read_book(path).sections)


def read_book(path: Path) -> Book:
    """The title, if the file tells it, and the sections; prose before the first heading is named by the file."""
    book: Book = _format(path).parse(read_text(path), path.stem)
    return book


def write(path: Path, sections: Sequence[Section], title: str, premise: str = "") -> None:
    """Put a book in a file, which is replaced as a whole or stays as it was; FileError if that can't be done."""
    put(path, _format(path).lay_out(Book(title, tuple(sections), premise)))


def put(path: Path, text: str) -> None:
    """Put a text in a file, which is replaced as a whole or stays as it was; FileError if that can't be done."""
    try:
        files.replace(path, clean(text).encode())
    except OSError as error:
        raise FileError(
            _("“{name}” can't be written in {folder} ({reason}); choose another place.").format(
                name=path.name, folder=path.parent, reason=error.strerror or error
            )
        ) from error


def read_text(path: Path) -> str:
    """A text file as it is, but for its encoding and line ends; FileError if it is no text."""
    try:
        if not path.is_file() and path.exists():
            raise FileError(_("{path} is not a text file; choose another.").format(path=path))
        if path.stat().st_size > _LARGEST_BYTES:
            raise FileError(
                _("“{name}” is too large for a text; split it into files below 64 MB.").format(name=path.name)
            )
        return clean(decode(path.read_bytes()))
    except FileNotFoundError as error:
        raise FileError(_("There is no file {path}; check its name.").format(path=path)) from error
    except OSError as error:
        raise FileError(
            _("{path} can't be read ({reason}); choose another file.").format(path=path, reason=error.strerror or error)
        ) from error
    except ValueError as error:
        raise FileError(
            _("“{name}” is not a text in an encoding that Writer knows; save it as UTF-8, then try again.").format(
                name=path.name
            )
        ) from error


def _format(path: Path) -> ModuleType:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise FileError(
            _("Writer doesn't know the kind of “{name}”; use a name that ends with {endings}.").format(
                name=path.name, endings=", ".join(ENDINGS)
            )
        ) from None
