"""The Memory panel: what it shows for the caret, where its sentences lead, and what its author decides."""

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from writer.errors import ProjectError
from writer.memory.report import Remembered, settled, unsettled
from writer.meter import Interval, Report, Result
from writer.store import Store
from writer.story import Choice, Conflict, Dropped, Entry, Fact, Note, Part, Passage, Prompt, Span, Summary
from writer.text import sentences
from writer.ui import memory
from writer.ui.ask import Reply
from writer.ui.entry import listed
from writer.ui.fold import Beside, Quote
from writer.ui.memory import found
from writer.ui.reads import said_dropped, shares
from writer.ui.theme import THEMES
from writer.ui.trial import verdict

SCENES = [
    "Mara had grey eyes. She kept the key in a tin under the stairs. The house stood by the sea.",
    "Tom came in with the lamp. 👩‍🚀 Nobody saw him. Mara had green eyes, he thought.",
    "They sat down to eat. Mara said nothing.",
]


def passage(scene, number, why=""):
    start, end = list(sentences(SCENES[scene - 1]))[number]
    said = SCENES[scene - 1][start:end].rstrip()
    return Passage(said, Span(scene, start, start + len(said)), 1.0, why)


GREY, KEY, SEA = (passage(1, n) for n in range(3))
GREEN = passage(2, 3 if len(list(sentences(SCENES[1]))) > 3 else 2)
MARA = Entry("Mara", count=3, first=GREY.span, last=GREEN.span, sources=(GREY.span,))
TOM = Entry("Tom", count=1, first=Span(2, 0, 26), last=Span(2, 0, 26))
HOUSE = Entry("The house", kind="place", count=1, first=SEA.span, last=SEA.span)
EYES = Conflict(Fact("Mara", "eyes", "grey", GREY), Fact("Mara", "eyes", "green", GREEN))
PROMPT = Prompt(
    (
        Part("style", "A Book\n\n", 4),
        Part("premise", "A house by the sea.\n\n", 8),
        Part("recalled", KEY.text, 15),
        Part("page", SCENES[2], 12),
    ),
    (
        Dropped("recalled", "One.", "Too alike."),
        Dropped("recalled", "Two.", "Too alike."),
        Dropped("page", "x", "Full."),
    ),
)
KNOWN = Remembered(
    story=(
        Summary(1, "The key", 0, (GREY, KEY)),
        Summary(2, "The lamp", 0, (passage(2, 0),)),
    ),
    cast=(MARA, TOM, HOUSE),
    here=(MARA,),
    facts=(EYES.earlier, EYES.later),
    conflicts=(EYES,),
    recalled=(replace(KEY, why="It names the key."), SEA),
    choices=(),
    note=Note("Slowly.", 4),
    prompt=PROMPT,
)


@pytest.fixture
def panel(open_desk):
    """The panel of a desk, with the desk as ``panel.desk``: shows what it is given, by default ``KNOWN``."""

    def open_panel(known=KNOWN, **choices):
        desk = open_desk(SCENES, **{"engine": "echo", "pause_ms": 10_000, **choices})
        desk.window.resize(1400, 900)
        shown = desk.window.memory
        shown.desk = desk
        shown.show()
        show(shown, known)
        return shown

    return open_panel


def show(panel, known):
    """Let this be what is remembered from now on."""

    def gather(*_question):
        return known
        yield

    panel.gather = gather
    panel.look()
    panel.desk.qtbot.waitUntil(lambda: panel.remembered == known)


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def selected(panel):
    page = panel.desk.page
    return page.visit.scene, page.textCursor().selectedText()


def leads_to(panel, passage):
    panel.desk.qtbot.waitUntil(lambda: selected(panel) == (passage.span.scene, passage.text))


def test_it_follows_the_caret_when_it_rests(panel):
    panel = panel()
    seen = []

    def gather(cursor, *_rest):
        seen.append(cursor)
        return KNOWN
        yield

    panel.gather = gather
    panel._timer.setInterval(0)
    panel.desk.page.place_caret(4)
    panel.desk.qtbot.waitUntil(lambda: bool(seen) and seen[-1].offset == 4)
    panel.desk.write("x")
    panel.desk.qtbot.waitUntil(lambda: seen[-1].text.startswith("Theyx"))


def test_the_nearest_summary_is_open_and_its_sentences_lead_into_the_book(panel):
    panel = panel()
    folds = panel.story.folds
    assert [fold.is_open for fold in folds.values()] == [False, True]
    click(folds[1].head)
    label = folds[1].column.itemAt(0).widget()
    assert KEY.text in label.text()
    label.linkActivated.emit("1")
    leads_to(panel, KEY)
    assert panel.desk.page.hasFocus()


def test_what_was_unfolded_stays_so(panel):
    panel = panel()
    click(panel.story.folds[1].head)
    show(panel, replace(KNOWN, story=(*KNOWN.story, Summary(3, "Now", 0, (passage(3, 0),)))))
    assert [fold.is_open for fold in panel.story.folds.values()] == [True, False, True]


def test_a_long_story_unfolds_what_is_earlier(panel):
    panel = panel(replace(KNOWN, story=tuple(Summary(n, f"Chapter {n}", 0, (KEY,)) for n in range(1, 62))))
    assert len(panel.story.folds) == 4
    click(panel.story.earlier.head)
    assert len(panel.story.folds) == 61


def test_a_sentence_that_was_moved_is_found_again():
    assert found("One. Two. Three.", Passage("Two.", Span(1, 5, 9))) == Span(1, 5, 9)
    assert found("Zero. One. Two. Three.", Passage("Two.", Span(1, 5, 9))) == Span(1, 11, 15)
    assert found("Two. " * 40, Passage("Two.", Span(1, 101, 105))).start in (100, 105)
    assert found("Gone.", Passage("Two.", Span(1, 50, 54))) == Span(1, 5, 5)
    assert found("👩‍🚀 Two.", Passage("Two.", Span(1, 0, 4))) == Span(1, 4, 8)


def test_a_scene_in_the_bin_is_named_as_such(panel):
    panel = panel()
    panel.go(Passage("Gone.", Span(99, 0, 5)))
    assert "bin" in panel.desk.window.notice.message


def test_a_chip_opens_the_card_with_its_sentences(panel):
    panel = panel()
    assert list(panel.cast.chips) == ["Mara"]
    click(panel.cast.chips["Mara"])
    card = panel.cast.card
    panel.desk.qtbot.waitUntil(lambda: len(card.places) == 2)
    assert card.quotes[0].passage.text == GREY.text
    click(card.places[1])
    leads_to(panel, GREEN)
    click(panel.cast.chips["Mara"])
    assert panel.cast.card is None


def test_all_others_unfold(panel):
    panel = panel()
    click(panel.cast.others.head)
    assert list(panel.cast.chips) == ["Mara", "Tom", "The house"]
    click(panel.cast.chips["Tom"])
    assert panel.cast.card.entry == TOM


def test_both_sentences_of_a_contradiction_lead_into_the_book(panel):
    panel = panel()
    places = panel.sections["facts"].findChildren(QPushButton, "place")
    assert len(places) == 2
    click(places[1])
    leads_to(panel, GREEN)


def test_the_sentences_stand_side_by_side_where_there_is_room(panel):
    panel = panel()
    beside = panel.sections["facts"].findChild(Beside)
    one, other = beside.findChildren(Quote)
    panel.desk.qtbot.waitUntil(lambda: other.y() > one.y())
    panel.desk.window._splitter.setSizes([180, 500, 560])
    panel.desk.qtbot.waitUntil(lambda: other.x() > one.x())


def test_facts_unfold_and_lead_into_the_book(panel):
    panel = panel()
    click(panel.facts.head)
    fact = panel.facts.body.findChildren(QPushButton, "fact")[0]
    assert "grey" in fact.text()
    click(fact)
    leads_to(panel, GREY)


def test_a_recalled_sentence_says_why_and_leads_into_the_book(panel):
    panel = panel()
    section = panel.sections["recalled"]
    assert "It names the key." in [label.text() for label in section.findChildren(type(panel.trouble))]
    click(section.findChildren(QPushButton, "place")[0])
    leads_to(panel, KEY)


def test_the_bar_shows_what_the_next_suggestion_reads(panel):
    panel = panel()
    assert not panel.sections["reads"].isHidden()
    assert [row.text() for row in panel.reads.rows.values()] == ["Style and premise", "Recalled sentences", "This page"]
    assert [tokens for tokens, _colour in panel.reads.bar.shares] == [12, 15, 12]
    click(panel.reads.rows["recalled"])
    assert panel.reads.text.toPlainText() == KEY.text
    click(panel.reads.rows["page"])
    assert panel.reads.text.toPlainText() == SCENES[2]
    click(panel.reads.rows["page"])
    assert panel.reads.text.isHidden()


def test_what_is_left_out_is_said_once_for_each_reason():
    said = [sentence for sentence, _texts in said_dropped(PROMPT.dropped)]
    assert said == ["Left out: 2 sentences. Too alike.", "Left out of “This page”. Full."]


def test_the_shares_hold_every_part_even_of_a_kind_nobody_knows():
    prompt = Prompt((*PROMPT.parts, Part("rune", "ᚱ", 3)))
    assert sum(share.tokens for share in shares(prompt)) == prompt.tokens
    assert all(len(theme.reads) == 8 for theme in THEMES.values())


def test_without_suggestions_nothing_is_said_of_what_they_read(panel):
    panel = panel(suggestions=False)
    for name in ("reads", "note", "meter"):
        assert panel.sections[name].isHidden()
    assert not panel.sections["story"].isHidden()
    panel.desk.window.set_suggestions(True)
    panel.desk.qtbot.waitUntil(lambda: not panel.sections["reads"].isHidden())


def test_an_empty_book_says_what_will_be_here(panel):
    panel = panel(Remembered())
    assert panel.sections["recalled"].isHidden()
    assert panel.sections["facts"].isHidden()
    assert not panel.story.folds


def test_what_goes_wrong_is_said_in_the_panel(panel):
    panel = panel()

    def gather(*_question):
        raise ProjectError("The project file is busy.")
        yield

    panel.gather = gather
    panel.look()
    panel.desk.qtbot.waitUntil(lambda: not panel.trouble.isHidden())
    assert panel.trouble.text() == "The project file is busy."


def test_a_late_answer_is_dropped(panel):
    panel = panel()
    panel.look()
    job = panel._job
    panel._wait()
    panel._arrived(job, Remembered())
    assert panel.remembered == KNOWN


def test_it_folds_away_and_remembers_that(panel):
    panel = panel()
    window = panel.desk.window
    panel.desk.press(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    panel.desk.qtbot.waitUntil(panel.isHidden)
    assert window._places.value("memory") == "false"
    panel.desk.press(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    panel.desk.qtbot.waitUntil(lambda: not panel.isHidden())
    window.resize(1000, 700)
    panel.desk.qtbot.waitUntil(panel.isHidden)
    assert window._places.value("memory") == "true"
    window.resize(1300, 700)
    panel.desk.qtbot.waitUntil(lambda: not panel.isHidden())
    click(panel.fold_away)
    assert panel.isHidden()


def test_sections_stay_folded(panel):
    panel = panel()
    click(panel.sections["cast"].head)
    assert not panel.sections["cast"].is_open
    assert "cast" in panel.desk.window._places.value("memory_folded")
    again = memory.Memory(panel.desk.window, panel.desk.window._places)
    assert not again.sections["cast"].is_open
    again.deleteLater()


def test_names_are_listed_with_any_comma():
    assert listed("Anne, Miss Elliot，安妮、 Anne;\n") == ("Anne", "Miss Elliot", "安妮")


def test_everything_can_be_reached_by_keyboard_and_has_a_name(panel):
    panel = panel()
    click(panel.cast.chips["Mara"])
    for button in panel.findChildren(QPushButton):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.text()
        assert button.accessibleName() or button.text()
    for row in panel.reads.rows.values():
        assert row.accessibleName()
        assert row.focusPolicy() & Qt.FocusPolicy.TabFocus


def kept(panel, question):
    """What is in the project file once it has been written there."""
    panel.desk.window.session._storage.wait(5)
    with Store.reader(panel.desk.path) as store:
        return question(store)


def choices(panel):
    return kept(panel, lambda store: store.choices.all())


def entries(panel):
    return kept(panel, lambda store: store.entries.all())


def quiet_button(parent, said):
    return next(button for button in parent.findChildren(QPushButton) if button.text() == said)


def test_a_sentence_is_pinned_and_left_out(panel):
    panel = panel()
    section = panel.sections["recalled"]
    click(quiet_button(section, "Pin"))
    pinned = Choice("pin", KEY.span.scene, KEY.text)
    assert choices(panel) == [pinned]
    show(panel, replace(KNOWN, choices=(pinned,)))
    click(quiet_button(section, "Leave out"))
    out = Choice("exclude", KEY.span.scene, KEY.text)
    assert choices(panel) == [out]
    show(panel, replace(KNOWN, choices=(out,)))
    click(quiet_button(section, "Read again"))
    assert choices(panel) == []


def test_what_is_no_contradiction_is_settled_for_good(panel):
    panel = panel()
    click(quiet_button(panel.sections["facts"], "Not a contradiction"))
    assert choices(panel) == [settled(EYES)]
    assert unsettled([EYES], choices(panel)) == []


def test_an_entry_is_edited_in_the_panel(panel):
    panel = panel()
    click(panel.cast.chips["Mara"])
    card = panel.cast.card
    click(card.edit)
    form = card.form
    form.name.setText("Mara Quill")
    form.aliases.setText("the widow， Mrs Quill")
    form.text.setPlainText("A collector’s widow.")
    click(form.more.head)
    form.keys.setText("ledger")
    form.also.setText("salt, tide")
    form.never.setText("dream")
    form.always.setChecked(True)
    form.since.setCurrentIndex(2)
    click(form.save)
    (entry,) = entries(panel)
    assert entry == Entry(
        "Mara Quill",
        aliases=("the widow", "Mrs Quill", "Mara"),
        text="A collector’s widow.",
        keys=("ledger",),
        also=("salt", "tide"),
        never=("dream",),
        always=True,
        since=panel.desk.window.nodes[1].id,
        id=entry.id,
    )
    assert panel.cast.card is None


def test_an_entry_is_added_by_keyboard(panel):
    panel = panel()
    click(panel.cast.add)
    form = panel.cast.card.form
    assert not form.save.isEnabled()
    QTest.keyClicks(form.name, "The ledger")
    form.kind.setCurrentIndex(form.kind.findData("thing"))
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    assert [(entry.name, entry.kind) for entry in entries(panel)] == [("The ledger", "thing")]


def test_editing_is_given_up_with_escape(panel):
    panel = panel()
    click(panel.cast.add)
    QTest.keyClick(panel.cast.card.form.name, Qt.Key.Key_Escape)
    assert panel.cast.card is None
    click(panel.cast.chips["Mara"])
    click(panel.cast.card.edit)
    QTest.keyClick(panel.cast.card.form.name, Qt.Key.Key_Escape)
    assert panel.cast.card.form is None
    assert entries(panel) == []


def test_an_entry_is_left_out_and_forgotten(panel):
    panel = panel()
    click(panel.cast.chips["Mara"])
    click(panel.cast.card.leave_out)
    (entry,) = entries(panel)
    assert entry.excluded
    own = replace(MARA, id=entry.id, excluded=True)
    show(panel, replace(KNOWN, cast=(own,), here=(own,)))
    click(panel.cast.chips["Mara"])
    click(panel.cast.card.edit)
    click(panel.cast.card.form.remove)
    assert entries(panel) == []


def test_what_is_being_edited_stays_when_more_is_remembered(panel):
    panel = panel()
    click(panel.cast.chips["Mara"])
    click(panel.cast.card.edit)
    form = panel.cast.card.form
    form.text.setPlainText("Half a sent")
    show(panel, replace(KNOWN, here=(MARA, TOM), cast=(replace(MARA, count=9), TOM)))
    assert panel.cast.card.form is form
    assert form.text.toPlainText() == "Half a sent"


def test_the_note_is_kept_with_its_depth(panel):
    panel = panel()
    click(panel.sections["note"].head)
    assert (panel.note.text.toPlainText(), panel.note.distance.value()) == ("Slowly.", 4)
    panel.note.text.setPlainText("Faster now.")
    panel.note.distance.setValue(2)
    panel.note.keep()
    assert kept(panel, lambda store: store.note) == Note("Faster now.", 2)


def test_what_was_typed_into_the_note_is_kept_at_closing(panel):
    panel = panel()
    panel.note.text.setPlainText("The last word.")
    panel.desk.window.close()
    with Store.reader(panel.desk.path) as store:
        assert store.note.text == "The last word."


def test_the_book_is_asked_and_its_answers_lead_there(panel):
    panel = panel()
    asked = []

    def answer(question, _store):
        asked.append(question)
        return [Reply("In a tin.", (KEY,))]

    panel.answer = answer
    QTest.keyClicks(panel.ask.line, "Where is  the key?")
    QTest.keyClick(panel.ask.line, Qt.Key.Key_Return)
    panel.desk.qtbot.waitUntil(lambda: bool(panel.ask.findChildren(QPushButton, "place")))
    assert asked == ["Where is the key?"]
    click(panel.ask.findChildren(QPushButton, "place")[0])
    leads_to(panel, KEY)


def test_the_book_does_not_say(panel):
    panel = panel()
    panel.answer = lambda _question, _store: []
    panel.ask.line.setText("Who is the king?")
    panel.ask.line.returnPressed.emit()

    def said():
        return [label.text() for label in panel.ask.findChildren(QLabel)]

    panel.desk.qtbot.waitUntil(lambda: said() == ["The book doesn’t say."])
    panel.ask.line.clear()
    assert said() == []


def test_what_keeps_the_book_from_answering_is_said(panel):
    panel = panel()

    def answer(_question, _store):
        raise ProjectError("The project file is busy.")

    panel.answer = answer
    panel.ask.line.setText("Who?")
    panel.ask.line.returnPressed.emit()
    panel.desk.qtbot.waitUntil(
        lambda: "The project file is busy." in [label.text() for label in panel.ask.findChildren(QLabel)]
    )


def measured(low, high, names_high=2.0):
    plain = Result("window", 40.0, 120.0, Interval(1, 1, 1), Interval(1, 1, 1), 1024, 1)
    middle = (low + high) / 2
    ours = Result("ours", 38.0, 90.0, Interval(middle, low, high), Interval(0.75, 0.7, names_high), 1024, 1)
    return Report((plain, ours), 24, 4000, 200, 1024, 100)


def test_the_verdict_is_one_clear_sentence():
    assert verdict(measured(0.9, 0.98)).startswith("Yes: with memory the model is 6 % surer")
    assert verdict(measured(0.98, 1.02)).startswith("Hardly")
    assert verdict(measured(1.02, 1.2)).startswith("No")
    assert "On names it is 25 % surer." in verdict(measured(0.98, 1.02, names_high=0.8))
    assert verdict(measured(math.nan, math.nan)).startswith("There was too little text")


def test_trying_says_what_is_in_the_way(panel):
    panel = panel()
    click(panel.sections["meter"].head)
    panel.desk.qtbot.waitUntil(lambda: panel.desk.window.suggestions.state == "ready")
    click(panel.trial.button)
    panel.desk.qtbot.waitUntil(lambda: not panel.trial.is_running, timeout=20_000)
    assert panel.trial.said.text().endswith(".")
    assert panel._trying is None
