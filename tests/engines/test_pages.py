"""Two caches for the page: what is decided anew is read beside what the author goes on from."""

from pathlib import Path

import pytest

from writer.engines.kept import shared
from writer.engines.pages import SPARE, Pages
from writer.story import Part, Prompt

OLD = "o" * 100
NEW = "n" * 100


class Shelf:
    """An engine of which only the caches matter: a token a character."""

    def __init__(self) -> None:
        self.read: dict[str, list[int]] = {}

    def tokens(self, prompt: Prompt) -> list[int]:
        return [ord(character) for character in prompt.text]

    def held(self, role: str) -> list[int]:
        return self.read.get(role, [])

    def keep(self, path: Path, role: str) -> None: ...

    def take_up(self, path: Path, tokens: object, role: str) -> None: ...


class Desk:
    """Reads prompts, each to its end or as far as is said; tells how much was new."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.pages = Pages(self.shelf)

    def __call__(self, text: str, upto: int | None = None) -> int:
        prompt = self.pages.place(page(text))
        ids = self.shelf.tokens(prompt)[:upto]
        new = len(ids) - shared(self.shelf.held(prompt.role), ids)
        self.shelf.read[prompt.role] = ids
        if upto is None:
            self.pages.read(prompt.role)
        return new


@pytest.fixture
def desk() -> Desk:
    return Desk()


def page(text: str, role: str = "page") -> Prompt:
    return Prompt((Part("page", text, len(text)),), role=role)


def test_typing_on_goes_on_where_the_page_was_read(desk: Desk) -> None:
    assert [desk(OLD), desk(OLD + "a"), desk(OLD + "ab")] == [100, 1, 1]


def test_what_is_decided_anew_leaves_what_was_read(desk: Desk) -> None:
    desk(OLD)
    desk(NEW)
    assert [desk(OLD + "a"), desk(NEW + "a"), desk(OLD + "ab")] == [1, 1, 1]


def test_what_was_begun_is_read_on_and_nothing_is_lost_for_it(desk: Desk) -> None:
    desk(OLD)
    desk(NEW, upto=30)
    assert desk.pages.unread(page(NEW)) == 70
    assert [desk(OLD + "a"), desk(NEW)] == [1, 70]


def test_what_was_only_begun_gives_way_first(desk: Desk) -> None:
    desk(OLD)
    desk(NEW, upto=30)
    desk("x" * 100)
    assert [desk(OLD), desk("x" * 100), desk(NEW)] == [0, 0, 100]


def test_work_is_read_elsewhere(desk: Desk) -> None:
    assert desk.pages.place(page(OLD, "work")).role == "work"


def test_what_was_read_last_is_what_is_kept(desk: Desk) -> None:
    desk(OLD)
    first = desk.pages.latest
    desk(NEW)
    assert {first, desk.pages.latest} == {"page", SPARE}
