"""Bring the translations up to date: take the messages from the sources and compile what is translated.

Translate what this lists in ``assets/locale/zh_CN/LC_MESSAGES/writer.po``, then run it again.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "assets" / "locale" / "zh_CN" / "LC_MESSAGES" / "writer.po"


def sources() -> Catalog:
    """All messages that the sources hold."""
    template = Catalog(fuzzy=False)
    for _file, _line, message, _comments, context in extract_from_dir(str(ROOT / "writer")):
        template.add(message, context=context)
    return template


def translated() -> Catalog:
    """The catalogue as it is kept."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def missing(catalogue: Catalog) -> list[str]:
    """The messages of the sources that the catalogue does not translate."""
    found = {message.id: message for message in catalogue}
    return [
        str(message.id)
        for message in sources()
        if message.id and (message.id not in found or not _is_translated(found[message.id].string))
    ]


def _is_translated(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def main() -> int:
    """Update and compile the catalogue; 1 if something has still to be translated."""
    catalogue = translated()
    catalogue.update(sources(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=120, no_location=True, omit_header=False, sort_output=True)
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    untranslated = missing(catalogue)
    for message in untranslated:
        print(f"not translated: {message}")
    return 1 if untranslated else 0


if __name__ == "__main__":
    raise SystemExit(main())
