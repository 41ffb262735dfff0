"""Who and what was named in the last pages before a caret, also by names that are too rare for the cast.

That of a long book knows the names that stand most often, and who came in a chapter ago is not among them yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from writer import names
from writer.chunks import cut
from writer.store import Store
from writer.story import Cursor, Entry, Mention, Span
from writer.text import clean, language_of

REACH = 6000
"""So many characters before the caret are the last pages."""

KNOWN = 20_000
"""Who isn't in the cast must stand twice in so many."""

_STEP = 2000  # what is looked at begins at one, so that typing on seldom changes how it is cut
_REMEMBERED = 64
_NONE = names.Tally()


def lately(store: Store, cursor: Cursor, cast: Sequence[Entry]) -> list[Entry]:
    """Those named in the last pages, the latest first: of the ``cast`` if it has them, and none that it excludes."""
    last: dict[str, tuple[tuple[int, int], Span]] = {}
    mentions: list[Mention] = []
    pairs: list[tuple[str, str]] = []
    texts = list(_ends(_texts(store, cursor), KNOWN))
    for back, (scene, begin, text) in enumerate(_pieces(_ends(texts, REACH))):
        pairs += names.same(text)
        for mention in reversed(_found(text)):
            mentions.append(mention)
            span = Span(scene, begin + mention.start, begin + mention.end)
            last.setdefault(mention.name, ((back, -span.start), span))
    owner = {name: entry for entry in cast for name in (entry.name, *entry.aliases)}
    here = names.counted(mentions)
    known = {name: _tally(entry) for name, entry in owner.items()}
    found: dict[Entry, tuple[int, int]] = {}
    for one in names.group({name: here.get(name, _NONE) + known.get(name, _NONE) for name in here | known}, pairs):
        forms = [name for name in (one.name, *one.aliases) if name in last]
        if not forms:
            continue
        place, span = min((last[name] for name in forms), key=lambda at: at[0])
        entry = next((owner[name] for name in forms if name in owner), None)
        if entry is None:
            count = sum(text.count(name) for _scene, _begin, text in texts for name in forms)
            entry = Entry(one.name, one.kind, one.aliases, count=count, last=span, excluded=count < 2)
        if not entry.excluded:
            found[entry] = min(place, found.get(entry, place))
    return sorted(found, key=lambda entry: (found[entry], entry.name))


def _tally(entry: Entry) -> names.Tally:
    """How often its names stand, as if all were each."""
    return names.Tally(entry.count, 0, entry.count * (entry.kind == "person"), entry.count * (entry.kind == "place"))


def _texts(store: Store, cursor: Cursor) -> Iterator[tuple[int, int, str]]:
    """The scenes up to the caret, the latest first, each with where its text begins."""
    yield cursor.scene, 0, cursor.before
    for scene in store.before(cursor.scene):
        yield scene.id, 0, scene.text


def _ends(texts: Iterable[tuple[int, int, str]], most: int) -> Iterator[tuple[int, int, str]]:
    """What of these texts, the latest first, lies in the last so many characters and a little before."""
    for scene, start, text in texts:
        begin = max(0, len(text) - most) // _STEP * _STEP
        yield scene, start + begin, text[begin:]
        most -= len(text)
        if most <= 0:
            return


def _pieces(texts: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """These texts cut into pieces, the latest first."""
    for scene, start, text in texts:
        for chunk in reversed(cut(text)):
            yield scene, start + chunk.start, text[chunk.start : chunk.end]


@lru_cache(_REMEMBERED)
def _found(text: str) -> Sequence[Mention]:
    return tuple(names.find(clean(text), language_of(text)))
