from __future__ import annotations

import threading
from dataclasses import replace

from PySide6.QtCore import Qt

from writer.engines import Piece, Usage
from writer.engines.echo import Echo


class Teller(Echo):
    """Tells a story sentence by sentence, and remembers what it was asked, kept and took up."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.kept: list[tuple[str, int]] = []
        self.taken_up: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def generate(self, prompt, sampling):
        self.read.append(prompt.text)
        if sampling.max_tokens > 1:
            yield Piece(f" Boat {len(prompt.text)} came in")
            self.may_go_on.wait(20)
            yield Piece(" with the tide.")
        return Usage(prompt.tokens, 1, 2, 1.0, 2.0)

    def cancel(self) -> None:
        self.may_go_on.set()

    def keep(self, book, megabytes) -> None:
        self.kept.append((book.name, megabytes))

    def take_up(self, book, prompt) -> int:
        self.taken_up.append(book.name)
        return 0


START = "The gulls rose over the harbour."


def wait_for_ahead(desk) -> str:
    """What was written behind the suggestion that is shown."""
    suggestions = desk.window.suggestions
    desk.qtbot.waitUntil(lambda: suggestions._ahead is not None and suggestions._ahead.is_complete)
    return suggestions._ahead.text


def test_behind_what_is_taken_the_next_one_is_there_at_once(open_desk):
    desk = open_desk([START], engines=lambda _: Teller())
    first = desk.wait_for_suggestion()
    ahead = wait_for_ahead(desk)
    desk.press(Qt.Key.Key_Tab)
    assert (desk.text, desk.grey) == (START + first, ahead)
    third = wait_for_ahead(desk)
    desk.press(Qt.Key.Key_Tab)
    assert (desk.text, desk.grey) == (START + first + ahead, third)
    assert all(credit.origin.engine == "echo" for credit in desk.page.visit.credits)


def test_what_is_taken_in_parts_or_typed_comes_to_the_same(open_desk):
    desk = open_desk([START], engines=lambda _: Teller())
    first = desk.wait_for_suggestion()
    ahead = wait_for_ahead(desk)
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    desk.write(desk.grey)
    assert (desk.text, desk.grey) == (START + first, ahead)


def test_it_is_thrown_away_when_the_author_writes_something_else(open_desk):
    teller = Teller()
    desk = open_desk([START], engines=lambda _: teller)
    desk.wait_for_suggestion()
    wait_for_ahead(desk)
    desk.write(" Nobody came.")
    assert desk.window.suggestions._ahead is None
    place = desk.text
    assert desk.wait_for_suggestion()
    assert any(read.endswith(place) for read in teller.read)


def test_one_that_is_still_written_goes_on_as_the_suggestion(open_desk):
    teller = Teller()
    desk = open_desk([START], engines=lambda _: teller)
    first = desk.wait_for_suggestion()
    wait_for_ahead(desk)
    desk.press(Qt.Key.Key_Tab)
    suggestions = desk.window.suggestions
    suggestions._rest_reading()
    # Stopping sets the teller free, perhaps only now.
    desk.qtbot.waitUntil(lambda: not desk.window.session.jobs._under_way)
    teller.may_go_on.clear()
    suggestions._go_ahead()
    desk.qtbot.waitUntil(lambda: suggestions._ahead is not None and bool(suggestions._ahead.text))
    desk.press(Qt.Key.Key_Tab)
    assert desk.grey.endswith(" came in")
    assert suggestions.state == "thinking"
    teller.may_go_on.set()
    assert desk.wait_for_suggestion().endswith("with the tide.")
    assert first in desk.text


def test_for_another_alternative_something_else_is_written(open_desk):
    desk = open_desk([START], engines=lambda _: Teller())
    desk.wait_for_suggestion()
    wait_for_ahead(desk)
    desk.press(Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: len(desk.window.suggestions.candidates) == 2)
    shown = desk.wait_for_suggestion()
    ahead = wait_for_ahead(desk)
    desk.press(Qt.Key.Key_Tab)
    assert (desk.text, desk.grey) == (START + shown, ahead)


def test_neither_another_nor_the_next_of_the_first_ones_waits_until_all_is_read(open_desk):
    class Slow(Teller):
        """Reads the whole page until nobody wants it any more."""

        def __init__(self) -> None:
            super().__init__()
            self.is_reading = threading.Event()

        def generate(self, prompt, sampling):
            while len(prompt.text) > 4000:
                self.is_reading.set()
                yield Piece("", 0)
            return (yield from super().generate(prompt, sampling))

    def wait_until_reading() -> None:
        slow.is_reading.clear()
        desk.qtbot.waitUntil(slow.is_reading.is_set)

    slow = Slow()
    desk = open_desk([" ".join([START] * 200)], engines=lambda _: slow)
    first = desk.wait_for_suggestion()
    wait_until_reading()
    desk.press(Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: len(desk.window.suggestions.candidates) == 2)
    assert desk.wait_for_suggestion() == first  # it says how much was read for it
    wait_until_reading()
    desk.press(Qt.Key.Key_Tab)
    assert desk.wait_for_suggestion()
    assert all(len(read) < 4000 for read in slow.read)


def test_it_can_be_switched_off_and_never_bothers_a_server(open_desk):
    class Far(Teller):
        name = "server"

    for engines, choices in ((Teller, {"ahead": False}), (Far, {})):
        teller = engines()
        desk = open_desk([START], engines=lambda _, teller=teller: teller, **choices)
        desk.wait_for_suggestion()
        assert desk.window.suggestions._ahead is None


def test_nothing_is_written_ahead_where_the_page_is_full(open_desk):
    teller = Teller()
    prose = " ".join(f"On day {day} the boats stayed in." for day in range(60))
    desk = open_desk([prose], engines=lambda _: teller, budget=64)
    for _ in range(12):
        desk.wait_for_suggestion()
        desk.qtbot.waitUntil(lambda: desk.window.suggestions._ahead.is_complete)
        shown = desk.window.suggestions._ahead
        if not shown.text:
            break
        desk.press(Qt.Key.Key_Tab)
    assert not shown.text
    desk.press(Qt.Key.Key_Tab)
    assert desk.wait_for_suggestion()


def test_what_was_read_is_kept_when_the_book_is_closed(open_desk):
    teller = Teller()
    desk = open_desk([START], engines=lambda _: teller, warm_mb=7)
    desk.wait_for_suggestion()
    assert teller.taken_up[0] == desk.path.name
    assert teller.kept == []
    desk.window.closing.put_away()
    assert teller.kept == [(desk.path.name, 7)]
    desk.window.close()
    assert len(teller.kept) == 1


def test_with_suggestions_off_nothing_is_kept(open_desk):
    teller = Teller()
    desk = open_desk([START], engines=lambda _: teller)
    desk.wait_for_suggestion()
    desk.window.change_settings(suggestions=False)
    desk.window.close()
    assert teller.kept == []


def test_at_rest_in_the_middle_the_page_is_read(open_desk):
    teller = Teller()
    desk = open_desk([START + " Nobody came."], engines=lambda _: teller)
    desk.wait_for_suggestion()
    before = len(teller.read)
    desk.page.place_caret(len(START))
    desk.window.suggestions._idle.start(0)
    desk.qtbot.waitUntil(lambda: len(teller.read) > before)
    assert teller.read[-1].endswith(START)
    assert not desk.grey


def open_warm(open_desk, teller, **choices):
    """A desk whose model has read the page, and is asked for nothing until the author has paused for long."""
    desk = open_desk([START], engines=lambda _: teller, **choices)
    desk.wait_for_suggestion()
    wait_for_ahead(desk)
    desk.window.suggestions._settings = replace(desk.window.settings, pause_ms=60_000)
    return desk


def test_where_a_paragraph_begins_the_page_is_read_at_once(open_desk):
    teller = Teller()
    desk = open_warm(open_desk, teller)
    desk.press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: teller.read[-1].endswith(START + "\n"))
    before = len(teller.read)
    desk.write("Nobody came.")
    desk.qtbot.wait(50)
    assert len(teller.read) == before
    assert not desk.grey


def test_a_question_stops_what_is_read_for_a_paragraph(open_desk):
    class Reader(Teller):
        """Reads until somebody cancels."""

        def __init__(self) -> None:
            super().__init__()
            self.is_reading, self.cancelled = threading.Event(), threading.Event()

        def generate(self, prompt, sampling):
            if sampling.max_tokens == 1 and prompt.text.endswith("\n"):
                self.read.append(prompt.text)
                self.is_reading.set()
                assert self.cancelled.wait(20)
                return Usage(prompt.tokens, 1, 0, 1.0, 2.0)
            return (yield from super().generate(prompt, sampling))

        def cancel(self) -> None:
            if self.is_reading.is_set():
                self.cancelled.set()

    reader = Reader()
    desk = open_warm(open_desk, reader)
    desk.press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(reader.is_reading.is_set)
    desk.write("Then")
    assert not reader.cancelled.is_set()
    desk.press(Qt.Key.Key_Backslash, Qt.KeyboardModifier.AltModifier)
    assert desk.wait_for_suggestion()
    assert reader.cancelled.is_set()
    assert any(read.endswith(START + "\nThen") for read in reader.read)


def test_a_server_is_not_asked_to_read_a_paragraph(open_desk):
    class Far(Teller):
        name = "server"

    far = Far()
    desk = open_desk([START], engines=lambda _: far)
    desk.wait_for_suggestion()
    desk.window.suggestions._settings = replace(desk.window.settings, pause_ms=60_000)
    before = list(far.read)
    desk.press(Qt.Key.Key_Return)
    desk.qtbot.wait(50)
    assert far.read == before


class Keen(Teller):
    """Tells that it has read nothing, and in the end reads until somebody cancels."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = False
        self.is_reading, self.cancelled = threading.Event(), threading.Event()

    def unread(self, prompts):
        return [1000 for _prompt in prompts]

    def generate(self, prompt, sampling):
        if self.waits and sampling.max_tokens == 1:
            self.read.append(prompt.text)
            self.is_reading.set()
            assert self.cancelled.wait(20)
            return Usage(prompt.tokens, 1, 0, 1.0, 2.0)
        return (yield from super().generate(prompt, sampling))

    def cancel(self) -> None:
        super().cancel()
        if self.is_reading.is_set():
            self.cancelled.set()


def test_what_was_not_read_to_its_end_is_read_on_while_the_author_types(open_desk):
    keen = Keen()
    desk = open_warm(open_desk, keen)
    keen.waits = True
    desk.press(Qt.Key.Key_Backslash, Qt.KeyboardModifier.AltModifier)
    assert desk.wait_for_suggestion()
    desk.qtbot.waitUntil(keen.is_reading.is_set)
    desk.write("X")
    desk.qtbot.waitUntil(lambda: keen.read[-1].endswith(START + "X"))
    assert keen.cancelled.is_set()
    assert not desk.grey
