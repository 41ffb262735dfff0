"""The outline follows the prose in the window: quietly, and only as the author says."""

import pytest
from PySide6.QtCore import Qt

from tests.memory.books import prose
from writer import formats
from writer.outline.proposal import Offer, Proposal
from writer.store import Store
from writer.story import Plan, Project
from writer.ui import following
from writer.ui.proposing import ProposalDialog

SLOW_MS = 60_000
"""A process of its own reads the book."""

TEXT = (
    "Anna climbed to the attic. In an old trunk she found the letter from her mother. She held it over the candle and "
    "burned it. Her brother Paul asked her nothing."
)
SAID = "Anna finds the letter in the attic. Paul asks nothing."
MARKED = "\n***\n".join(prose(f"marked{n}", 400) for n in range(3))


@pytest.fixture
def desk(open_desk, tmp_path):
    """A book with a scene that fits its synopsis, and one that nobody told."""
    return open_desk(path=book(tmp_path / "book.writer"), suggestions=False)


def book(path):
    with Store.create(path, Project("A Book", "", "en")) as store:
        store.add("Attic", text=TEXT, synopsis=SAID)
        store.add("Untold", text=MARKED)
    return path


def asked(desk):
    """Let the window look now, and wait for its answer."""
    follower = desk.window.following
    follower.look()
    desk.qtbot.waitUntil(lambda: not follower._is_asked, timeout=SLOW_MS)
    return follower.found


def changed(desk, old, new):
    """Have another text in the first scene."""
    desk.window.binder.go_to(1)
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene == 1)
    desk.page.replace_text(desk.text.replace(old, new), ())
    desk.wait_saved()


def synopsis(desk, node=1):
    desk.wait_saved()
    desk.window.session.settle()
    with Store.reader(desk.path) as store:
        return store.plans.get(node).synopsis


def outline(desk):
    desk.window.session.settle()
    with Store.reader(desk.path) as store:
        return [(node.level, store.scene(node.id).text) for node in store.nodes()]


def press(desk, button):
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_where_everything_fits_it_is_said_only_when_asked(desk):
    assert asked(desk) == []
    assert desk.window.notice.message == "Every synopsis still fits its prose."


def test_what_no_longer_fits_is_shown_with_the_change_and_taken(desk):
    asked(desk)
    changed(desk, "Paul", "Peter")
    assert len(asked(desk)) == 1
    dialog = desk.window.following.dialog
    assert dialog.why.text() == "“Paul” is now “Peter” in the text."
    assert dialog.comparison.toPlainText() == "Anna finds the letter in the attic. PaulPeter asks nothing."
    assert synopsis(desk) == SAID
    press(desk, dialog.change)
    desk.qtbot.waitUntil(lambda: synopsis(desk) == SAID.replace("Paul", "Peter"))
    assert desk.window.following.dialog is None
    assert asked(desk) == []


def test_a_change_that_was_taken_is_undone_in_the_outline(desk):
    asked(desk)
    changed(desk, "Paul", "Peter")
    asked(desk)
    press(desk, desk.window.following.dialog.change)
    desk.qtbot.waitUntil(lambda: synopsis(desk) == SAID.replace("Paul", "Peter"))
    desk.window.arranging.undo()
    desk.qtbot.waitUntil(lambda: synopsis(desk) == SAID)
    assert asked(desk) == []


def test_what_is_left_as_it_is_is_not_shown_again(desk):
    asked(desk)
    changed(desk, "Paul", "Peter")
    asked(desk)
    press(desk, desk.window.following.dialog.leave)
    assert asked(desk) == []
    assert synopsis(desk) == SAID


def test_at_rest_it_is_told_once_and_never_over_another_message(open_desk, tmp_path, monkeypatch):
    monkeypatch.setattr(following, "REST_MS", 0)
    desk = open_desk(path=book(tmp_path / "book.writer"), engine="echo", suggestions=True)
    asked(desk)
    desk.window.notice.clear()
    desk.window.notice.say("Another message.", topic="other")
    changed(desk, "Paul", "Peter")
    desk.qtbot.waitUntil(lambda: len(desk.window.following.found) == 1, timeout=SLOW_MS)
    assert desk.window.notice.message == "Another message."
    desk.window.notice.clear()
    changed(desk, "attic", "cellar")
    desk.qtbot.waitUntil(lambda: "“Attic”" in desk.window.notice.message, timeout=SLOW_MS)
    assert synopsis(desk) == SAID


def test_what_is_saved_while_the_book_is_looked_through_is_looked_at_behind_it(open_desk, tmp_path, monkeypatch):
    monkeypatch.setattr(following, "REST_MS", 0)
    desk = open_desk(path=book(tmp_path / "book.writer"), engine="echo", suggestions=True)
    asked(desk)
    follower, keep = desk.window.following, desk.window.following._keep

    def keep_late(apart, seen):
        """As if the author's words were saved when the book has been read."""
        monkeypatch.setattr(follower, "_keep", keep)
        changed(desk, "Paul", "Peter")
        keep(apart, seen)

    monkeypatch.setattr(follower, "_keep", keep_late)
    follower.look()
    desk.qtbot.waitUntil(lambda: follower._keep is keep)
    desk.qtbot.waitUntil(lambda: len(follower.found) == 1, timeout=SLOW_MS)


def test_with_the_model_switched_off_nothing_is_looked_for_by_itself(desk, monkeypatch):
    monkeypatch.setattr(following, "REST_MS", 0)
    asked(desk)
    changed(desk, "Paul", "Peter")
    desk.qtbot.wait(50)
    assert desk.window.following.found == []
    assert not desk.window.following.is_running


def proposed(desk, nodes=None):
    proposing = desk.window.following.proposing
    proposing.propose(nodes)
    desk.qtbot.waitUntil(lambda: proposing.dialog is not None, timeout=SLOW_MS)
    return proposing.dialog


def test_a_proposed_outline_is_shown_and_left(desk):
    before = outline(desk)
    dialog = proposed(desk)
    assert dialog.tree.topLevelItemCount() == 1
    assert dialog.tree.topLevelItem(0).childCount() == 3
    dialog.reject()
    assert outline(desk) == before


def test_a_proposed_outline_is_taken_and_given_back(desk):
    before = outline(desk)
    desk.window.binder.go_to(2)
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene == 2)
    press(desk, proposed(desk).take)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 5)
    desk.qtbot.waitUntil(lambda: desk.text == MARKED.split("\n***\n")[0])
    assert [level for level, _text in outline(desk)] == [0, 0, 1, 1, 1]
    desk.write("More. ")
    desk.wait_saved()
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 2)
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene == 2)
    desk.qtbot.waitUntil(lambda: "More. " in desk.text)
    assert desk.text.replace("More. ", "") == before[1][1]
    assert outline(desk)[1][1] == desk.text


def test_a_message_that_offers_undo_goes_once_the_author_undid_it(desk):
    press(desk, proposed(desk).take)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 5)
    desk.qtbot.waitUntil(lambda: "as proposed" in desk.window.notice.message)
    desk.window.arranging.undo()
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 2)
    assert not desk.window.notice.message


def test_a_proposal_says_how_long_each_chapter_is(desk):
    dialog = proposed(desk)
    top = dialog.tree.topLevelItem(0)
    whole, *parts = [
        int(item.text(1).replace(",", "")) for item in (top, *(top.child(row) for row in range(top.childCount())))
    ]
    assert whole == sum(parts) > 0
    dialog.reject()
    dialog = ProposalDialog(desk.window, Proposal((Offer(1, 0, "One", "It rains."),)))
    assert dialog.tree.topLevelItem(0).text(1) == f"{desk.window.nodes[0].words}"
    dialog.deleteLater()


def test_it_is_offered_after_an_import(desk, tmp_path):
    path = tmp_path / "novel.txt"
    path.write_text(MARKED, "utf-8")
    desk.window.in_background(
        lambda _store: formats.read(path),
        lambda sections: desk.window.books._add(desk.window.session, sections),
    )
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 3)
    desk.qtbot.waitUntil(lambda: "chapters and scenes" in desk.window.notice.message)
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.window.following.proposing.dialog is not None, timeout=SLOW_MS)
    assert desk.window.following.proposing.dialog.chosen == {desk.window.nodes[-1].id}
    desk.window.following.proposing.dialog.reject()


def test_nothing_is_proposed_where_all_is_there(open_desk, tmp_path):
    path = tmp_path / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        store.plans.put(store.add("Attic", text=TEXT), Plan(SAID))
    desk = open_desk(path=path, suggestions=False)
    desk.window.following.proposing.propose()
    desk.qtbot.waitUntil(lambda: "nothing to propose" in desk.window.notice.message, timeout=SLOW_MS)


def test_closing_the_book_ends_what_is_read(desk):
    desk.window.following.proposing.propose()
    desk.window.following.look()
    desk.window.close()
    assert not desk.window.following.is_running
    assert not desk.window.following.proposing.is_running
