"""The Memory panel: what it shows for the caret, where its sentences lead, and what its author decides."""

import math
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.memory.books import prose
from writer.ask import Answer
from writer.engines.echo import Echo
from writer.errors import EngineError, ModelError, ProjectError
from writer.memory.report import Remembered, settled, unsettled
from writer.meter import Interval, Report, Result
from writer.store import Store
from writer.story import Choice, Conflict, Dropped, Entry, Fact, Note, Part, Passage, Project, Prompt, Span, Summary
from writer.text import sentences
from writer.ui import memory
from writer.ui.entry import listed
from writer.ui.fold import Beside, Quote
from writer.ui.places import found
from writer.ui.reads import said_dropped, shares
from writer.ui.theme import THEMES
from writer.ui.trial import verdict

SCENES = [
    "Mara had grey eyes. She kept the key in a tin under the stairs. The house stood by the sea.",
    "Tom came in with the lamp. 👩‍🚀 Nobody saw him. Mara had green eyes, he thought.",
    "They sat down to eat. Mara said nothing.",
]


HIDDEN = "Mara hid the brass compass under the altar."
TALE = [
    f"{HIDDEN} " + " ".join(f"On day {n} the boats stayed in." for n in range(60)),
    " ".join(f"In week {n} the rain went on." for n in range(60)),
    "Tom asked for the brass compass. Mara looked at the altar.",
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
    read=(replace(KEY, why="It names the key."),),
    recalled=(replace(SEA, why="Too alike."),),
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
    QApplication.sendPostedEvents()  # it is laid out, so that the mouse finds it
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


def test_pieces_of_a_long_scene_are_known_by_their_first_words(panel):
    english = "It was the year in which the river froze and nobody could reach the mill."
    chinese = "却说那年大河封冻，无人能到磨坊。"
    pieces = [Summary(2, "All", 0, (KEY,), begins=begins) for begins in (english, chinese)]
    panel = panel(replace(KNOWN, story=tuple(pieces)))
    titles = [fold.head.text() for fold in panel.story._near.widgets.values()]
    assert titles == ["▸  From “It was the year in which the…”", "▾  From “却说那年大河封冻，无…”"]


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


def test_a_sentence_with_emphasis_is_shown_without_marks_and_found_with_them(panel):
    prose = "Zero. It is _him_,\nnot *her*. Two."
    told = Passage("It is him, not her.", Span(1, 6, 29))
    assert found(prose, told) == Span(1, 6, 29)
    assert found(f"One. {prose}", told) == Span(1, 11, 34)
    panel = panel(replace(KNOWN, recalled=(Passage("It is _him_.", Span(1, 6, 18)),), prompt=None))
    shown = [quote.label.text() for quote in panel.findChildren(Quote)]
    assert "It is him." in shown


def test_a_sentence_and_its_place_begin_at_the_same_line(panel):
    panel = panel()
    quote = panel.findChildren(Quote)[0]
    panel.grab()
    label, place = quote.label, quote.place
    assert label.indent() == 0
    assert label.contentsRect().left() == place.mapTo(quote, place.rect().topLeft()).x()


@pytest.mark.parametrize(("text", "said"), [("", "Nothing comes before this place yet."), ("One.", "still being read")])
def test_a_book_without_a_word_is_not_being_read(open_desk, text, said):
    window = open_desk([text], engine="echo", pause_ms=10_000).window
    shown = window.memory
    shown.work_on(window.session)  # before it has looked
    assert said in shown.story.findChildren(QLabel)[0].text()


def test_a_scene_in_the_bin_is_named_as_such(panel):
    panel = panel()
    panel.places.go(Passage("Gone.", Span(99, 0, 5)))
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
    places = panel.sections["conflicts"].findChildren(QPushButton, "place")
    assert len(places) == 2
    click(places[1])
    leads_to(panel, GREEN)


def test_the_sentences_stand_side_by_side_where_there_is_room(panel):
    panel = panel()
    beside = panel.sections["conflicts"].findChild(Beside)
    one, other = beside.findChildren(Quote)
    panel.desk.qtbot.waitUntil(lambda: other.y() > one.y())
    panel.desk.window.panels.setSizes([180, 500, 560])
    panel.desk.qtbot.waitUntil(lambda: other.x() > one.x())


def test_facts_of_those_in_the_scene_come_first_and_lead_into_the_book(panel):
    salt = Fact("Tom", "death", "dead", GREEN)
    panel = panel(replace(KNOWN, facts=(EYES.earlier, salt)))
    (fact,) = panel.facts.findChildren(QPushButton, "fact")
    assert fact.text() == "Mara, eyes: grey"
    panel.facts.all.head.click()
    assert panel.facts.all.findChildren(QPushButton, "fact")[1].text() == "Tom has died"
    fact.click()
    leads_to(panel, GREY)


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_what_is_read_comes_first_and_says_why(panel):
    panel = panel()
    recalled = panel.recalled
    assert said(recalled) == [KEY.text, "It names the key."]
    assert recalled.findChild(Quote).label.property("read")
    recalled.findChildren(QPushButton, "place")[0].click()
    leads_to(panel, KEY)


def test_what_is_not_read_unfolds_with_the_reason(panel):
    panel = panel()
    panel.recalled.others.head.click()
    assert said(panel.recalled.others) == [SEA.text, "Too alike."]
    panel.recalled.others.findChildren(QPushButton, "place")[0].click()
    leads_to(panel, SEA)
    show(panel, replace(KNOWN, read=()))
    assert panel.recalled.others.is_open
    assert "Nothing from earlier is worth reading again here." in said(panel.recalled)


def test_without_a_prompt_sentences_are_simply_recalled(panel):
    panel = panel(replace(KNOWN, read=(), recalled=(KEY, SEA), prompt=None))
    assert panel.recalled.others.isHidden()
    assert [quote.passage for quote in panel.recalled.findChildren(Quote)] == [KEY, SEA]
    assert panel.sections["reads"].isHidden()


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
    dropped = (
        *PROMPT.dropped,
        Dropped("cast", "Tom", "Others were in the story more lately."),
        Dropped("entries", "The ledger: It is salt.", "There was no room for more entries."),
    )
    assert [sentence for sentence, _texts in said_dropped(dropped)] == [
        "Left out: 2 sentences. “Recalled” says why.",
        "Left out of “This page”. Full.",
        "Left out: 1 name. Others were in the story more lately.",
        "Left out: 1 of your entries. There was no room for more entries.",
    ]


def test_what_the_author_wrote_of_those_near_counts_with_the_cast():
    prompt = Prompt(
        (
            Part("entries", "Mara: A widow.\n\n", 6),
            Part("cast", "Tom.\n\n", 3),
            Part("lately", "Ada.\n\n", 2),
            Part("note", "[Slow]\n", 4),
        )
    )
    assert [(share.group, share.tokens) for share in shares(prompt)] == [("cast", 11), ("note", 4)]


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
    assert panel.sections["conflicts"].isHidden()
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


def test_what_is_still_so_is_left_alone(panel):
    panel = panel()
    chips, folds, quote = dict(panel.cast.chips), dict(panel.story.folds), panel.recalled.findChild(Quote)
    now = Summary(3, "Now", 0, (passage(3, 0),))
    later = replace(KNOWN, here=(TOM, replace(MARA, count=4)), story=(*KNOWN.story, now), recalled=())
    show(panel, later)
    assert list(panel.cast.chips) == ["Tom", "Mara"]
    assert panel.cast.chips["Mara"] is chips["Mara"]
    assert panel.story.folds[1] is folds[1]
    assert panel.recalled.findChild(Quote) is quote
    click(panel.cast.chips["Mara"])
    assert panel.cast.card.entry.count == 4


def test_typing_stops_what_is_just_being_shown(panel):
    panel = panel()
    panel._showing, panel._coming = panel._shown(Remembered()), Remembered()
    panel._step.start()
    panel.desk.write("x")
    assert not panel._step.isActive()
    assert panel.remembered == KNOWN


def test_what_needs_no_model_is_there_before_the_model_answers(panel):
    panel = panel()
    may_go_on = threading.Event()

    def gather(*_question):
        yield replace(KNOWN, here=(TOM,), read=(), recalled=(), prompt=None)
        may_go_on.wait(10)
        return replace(KNOWN, here=(TOM,), read=(SEA,))

    panel.gather = gather
    panel.look()
    panel.desk.qtbot.waitUntil(lambda: list(panel.cast.chips) == ["Tom"])
    assert panel.remembered == KNOWN
    assert not panel.sections["reads"].isHidden()
    assert panel.recalled.findChild(Quote).passage.text == KEY.text
    may_go_on.set()
    panel.desk.qtbot.waitUntil(lambda: panel.recalled.findChild(Quote).passage == SEA)


def test_the_real_report_agrees_with_the_prompt(open_desk, tmp_path):
    path = tmp_path / "tale.writer"
    with Store.create(path, Project("A Tale", "", "en")) as store:
        for number, prose in enumerate(TALE, 1):
            store.add(f"Scene {number}", text=prose)
        store.choices.put(Choice("pin", 1, HIDDEN))
    desk = open_desk(path=path, engine="echo", pause_ms=10_000, budget=1000)
    desk.window.resize(1400, 900)
    panel = desk.window.memory
    panel.remembering.resume()
    desk.qtbot.waitUntil(lambda: not panel.remembering.is_running, timeout=30_000)
    panel.look()
    desk.qtbot.waitUntil(lambda: panel.remembered is not None and bool(panel.remembered.read), timeout=20_000)
    known = panel.remembered
    (part,) = (part for part in known.prompt.parts if part.kind == "recalled")
    assert known.read[0] == Passage(HIDDEN, Span(1, 0, len(HIDDEN)), why="You pinned it.")
    assert [one.span for one in known.read] == list(part.sources)
    assert all(one.text in part.text for one in known.read)
    left = [dropped.text for dropped in known.prompt.dropped if dropped.kind == "recalled"]
    assert [one.text for one in known.recalled] == left
    assert [quote.passage for quote in panel.recalled.findChildren(Quote)] == list(known.read)


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


def kept(desk, question):
    """What is in the project file once it has been written there."""
    desk.window.session._storage.wait(5)
    with Store.reader(desk.path) as store:
        return question(store)


def choices(panel):
    return kept(panel.desk, lambda store: store.choices.all())


def entries(panel):
    return kept(panel.desk, lambda store: store.entries.all())


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
    click(quiet_button(panel.sections["conflicts"], "Not a contradiction"))
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
    assert panel.note.distance.lineEdit().width() > 20
    panel.note.text.setPlainText("Faster now.")
    panel.note.distance.setValue(2)
    panel.note.keep()
    assert kept(panel.desk, lambda store: store.note) == Note("Faster now.", 2)


def test_what_was_typed_into_the_note_is_kept_at_closing(panel):
    panel = panel()
    panel.note.text.setPlainText("The last word.")
    panel.desk.window.close()
    with Store.reader(panel.desk.path) as store:
        assert store.note.text == "The last word."


def ask(panel, question):
    panel.ask.line.setText(question)
    panel.ask.line.returnPressed.emit()


def test_the_book_is_asked_and_its_answers_lead_there(panel):
    panel = panel()
    asked, may_go_on = [], threading.Event()

    def answer(question, _store, _engine):
        asked.append(question)
        yield Answer(KEY.text, (KEY,))
        may_go_on.wait(10)
        yield Answer("By the sea, says the book.", (SEA,), "Large-7B")

    panel.ask.answer = answer
    QTest.keyClicks(panel.ask.line, "Where is  the key?")
    QTest.keyClick(panel.ask.line, Qt.Key.Key_Return)
    panel.desk.qtbot.waitUntil(lambda: said(panel.ask) == [KEY.text])
    may_go_on.set()
    panel.desk.qtbot.waitUntil(lambda: said(panel.ask)[1:] == ["By the sea, says the book.", SEA.text])
    assert asked == ["Where is the key?"]
    click(panel.ask.findChildren(QPushButton, "place")[0])
    leads_to(panel, KEY)


def test_an_answer_is_shown_to_its_end_where_what_was_asked_for_may_stand(panel):
    panel = panel()
    long = replace(KEY, text="He came over the hills and through the rain, " * 6 + "and lives at Hunsford.")

    def answer(_question, _store, _engine):
        yield Answer(long.text, (long,))

    panel.ask.answer = answer
    ask(panel, "Where does he live?")
    panel.desk.qtbot.waitUntil(lambda: said(panel.ask) == [long.text])


def test_only_the_last_question_is_answered(panel):
    panel = panel()
    may_go_on = threading.Event()

    def answer(question, _store, _engine):
        if question == "First?":
            may_go_on.wait(10)
        yield Answer("", (KEY if question == "First?" else SEA,))

    panel.ask.answer = answer
    ask(panel, "First?")
    ask(panel, "Second?")
    may_go_on.set()
    panel.desk.qtbot.waitUntil(lambda: said(panel.ask) == [SEA.text])


@pytest.mark.parametrize(
    ("language", "scene", "question", "answer"),
    [
        ("en", SCENES[0], "Where did Mara keep the key?", "She kept the key in a tin under the stairs."),
        (
            "zh",
            "林默住在海边。他把钥匙藏在楼梯下的铁盒里。他等着退潮。",
            "钥匙藏在哪里？",
            "他把钥匙藏在楼梯下的铁盒里。",
        ),
    ],
)
def test_the_book_answers_in_its_own_sentences(open_desk, language, scene, question, answer):
    desk = open_desk([scene, "", ""], language=language, suggestions=False)
    desk.window.resize(1400, 900)
    panel = desk.window.memory
    panel.remembering.resume()
    desk.qtbot.waitUntil(lambda: not panel.remembering.is_running, timeout=30_000)
    ask(panel, question)
    desk.qtbot.waitUntil(lambda: bool(panel.ask.findChildren(Quote)), timeout=20_000)
    assert panel.ask.findChild(Quote).passage.text.endswith(answer)


def test_the_book_does_not_say(panel):
    panel = panel()
    ask(panel, "Who is the king?")
    panel.desk.qtbot.waitUntil(lambda: said(panel.ask) == ["The book doesn’t say."], timeout=20_000)
    panel.ask.line.clear()
    assert said(panel.ask) == []


def test_what_keeps_the_book_from_answering_is_said(panel):
    panel = panel()

    def answer(_question, _store, _engine):
        raise ProjectError("The project file is busy.")

    panel.ask.answer = answer
    ask(panel, "Who?")
    panel.desk.qtbot.waitUntil(lambda: "The project file is busy." in said(panel.ask))


def test_when_the_model_is_needed_elsewhere_it_looks_again(panel):
    panel = panel()
    panel._timer.setInterval(0)
    tries = []

    def gather(*_question):
        tries.append(1)
        if len(tries) == 1:
            raise EngineError("The model was interrupted; try again.")
        return replace(KNOWN, note=Note("Again."))
        yield

    panel.gather = gather
    panel.look()
    panel.desk.qtbot.waitUntil(lambda: panel.remembered.note.text == "Again.", timeout=10_000)
    assert panel.trouble.isHidden()


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


STORY = [
    " ".join(f"On day {day} Mara Quill met Tom Velho at the harbour." for day in range(n, n + 40)) for n in (1, 41)
]


def test_the_memory_is_brought_up_to_date_before_it_is_tried(open_desk):
    opened = []

    class Knowing(Echo):
        def score(self, _prompt, text):
            return [-1.0] * len(self.spans(text))

        def spans(self, text):
            return [(at, at + 1) for at in range(len(text))]

        def close(self):
            opened.append("closed")

    def engines(settings):
        opened.append(settings.engine)
        return Knowing()

    desk = open_desk(STORY, engines=engines, suggestions=False)
    trial = desk.window.memory.trial
    trial.positions = 2
    stale = []
    desk.window.memory.remembering.progressed.connect(
        lambda progress: stale.append(kept(desk, lambda store: store.index.stale())) if progress is None else None
    )
    trial.button.click()
    desk.qtbot.waitUntil(lambda: not trial.is_running, timeout=30_000)
    assert stale[0] == []
    assert opened == ["transformers", "closed"]
    assert trial.said.text().startswith("Hardly: for this book")
    assert trial.said.text().endswith("Compared at 2 places.")


def test_a_trial_is_stopped_at_once(open_desk):
    class Slow(Echo):
        def __init__(self):
            super().__init__()
            self.closed = threading.Event()

        def spans(self, text):
            self.closed.wait(20)
            raise EngineError("The model has been closed.")

        def close(self):
            self.closed.set()

    slow = Slow()
    desk = open_desk(STORY, engines=lambda _: slow, suggestions=False)
    trial = desk.window.memory.trial
    trial.button.click()
    desk.qtbot.waitUntil(lambda: trial._job is not None and trial._job._running, timeout=30_000)
    trial.button.click()
    assert (trial.is_running, trial.said.text()) == (False, "Stopped.")
    desk.qtbot.waitUntil(slow.closed.is_set)


def test_what_keeps_a_trial_from_running_is_said(open_desk):
    def engines(_settings):
        raise ModelError("This model needs 6 GB and 3 GB are free. Choose a smaller one in Models.")

    desk = open_desk(STORY, engines=engines, suggestions=False)
    trial = desk.window.memory.trial
    trial.button.click()
    desk.qtbot.waitUntil(lambda: not trial.is_running, timeout=30_000)
    assert trial.said.text().startswith("This model needs 6 GB")


@pytest.mark.model
def test_a_trial_with_the_real_model(open_desk):
    desk = open_desk([prose(1, 2500)], suggestions=False)
    trial = desk.window.memory.trial
    trial.positions = 2
    trial.button.click()
    desk.qtbot.waitUntil(lambda: not trial.is_running, timeout=180_000)
    assert trial.said.text().endswith("Compared at 2 places.")
