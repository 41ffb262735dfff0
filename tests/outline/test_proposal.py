"""A finished text gets an outline that its author may take, and can give back."""

import pytest

from tests.memory.books import finished, prose
from writer.errors import ProjectError
from writer.outline import breaks, proposal
from writer.store import Store
from writer.story import Credit, Origin, Plan, Project
from writer.text import count_words

ORIGIN = Origin("model", "echo", 7, "0" * 64, 1_700_000_000)
SCENES = {
    "en": [
        "Mara Quill rowed out to the lighthouse with a lamp and a coil of rope. She found the keeper dead.",
        "In Harrowgate, Captain Orme counted the coins and wrote a letter to the bishop. The bishop refused the money.",
        "The next morning Tobias Finch sold the boat. Mara told him that she would leave Saltmere for ever.",
    ],
    "zh": [
        "林远山带着灯和绳子划船去灯塔。他发现守塔的人已经死了，门上有一道新的刀痕。",
        "周老板在临江城数完银元，写信给县长。县长拒绝了这笔钱，把信烧掉了。",
        "第二天早上，苏婉卖掉了船。她告诉陈默，她要永远离开青石镇。",
    ],
}


def long_scenes(language, words=400):
    """Three scenes that are each long enough to be one."""
    return [
        f"{first}\n{prose(f'{language}{number}', words, language)}" for number, first in enumerate(SCENES[language])
    ]


def made(path, text, language="en", title="A book"):
    store = Store.create(path, Project("A book", "", language))
    return store, store.add(title, text=text)


def proposed(store, nodes=None):
    result, _steps = finished(proposal.propose(store, nodes))
    return result


def outline(store):
    return [(node.level, node.title, store.scene(node.id).text) for node in store.nodes()]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mark", ["\n***\n", "\n* * *\n", "\n\n\n\n", "\n◆◆◆\n", "\n———\n", "\n#\n", "\n \n\n　\n"])
def test_a_text_falls_into_scenes_where_its_author_left_a_mark(language, mark):
    scenes = long_scenes(language)
    (chapter,) = breaks.chapters(mark.join(scenes))
    text = mark.join(scenes)
    assert [text[scene.start : scene.end] for scene in chapter.scenes] == scenes


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "headings",
    [
        ("Chapter 1", "Chapter 2", "Chapter 3"),
        ("第一章 灯塔", "第二章 钱", "第三章 船"),
        ("1", "2", "3"),
        ("I.", "II.", "III."),
        ("一、", "二、", "三、"),
        ("（一）", "（二）", "（三）"),
    ],
)
def test_headings_in_a_text_are_its_chapters(language, headings):
    scenes = long_scenes(language)
    text = "\n\n".join(f"{heading}\n\n{scene}" for heading, scene in zip(headings, scenes, strict=True))
    chapters = breaks.chapters(text)
    assert [chapter.title.rstrip("、.") for chapter in chapters] == [heading.rstrip("、.") for heading in headings]
    assert [text[one.start : one.end] for chapter in chapters for one in chapter.scenes] == scenes


def test_numbers_that_do_not_count_up_from_one_are_no_headings():
    text = "\n\n".join(f"{year}\n\n{scene}" for year, scene in zip((7, 3, 12), long_scenes("en"), strict=True))
    assert [chapter.title for chapter in breaks.chapters(text)] == [""]


def test_a_part_that_begins_with_a_chapter_has_no_prose_of_its_own():
    scenes = long_scenes("en")
    text = f"Part One\n\nChapter 1\n\n{scenes[0]}\n\nChapter 2\n\n{scenes[1]}\n\nPart Two\n\nChapter 3\n\n{scenes[2]}"
    found = [(chapter.level, chapter.title, len(chapter.scenes)) for chapter in breaks.chapters(text)]
    assert found == [
        (0, "Part One", 0),
        (1, "Chapter 1", 1),
        (1, "Chapter 2", 1),
        (0, "Part Two", 0),
        (1, "Chapter 3", 1),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "***", "* * *\n\n***", "Chapter 1", "1\n\n2", "。", "“……”"])
def test_a_text_without_prose_or_with_little_is_left_as_it_is(text, tmp_path):
    store, _id = made(tmp_path / "b.writer", text)
    with store:
        assert not any(offer.pieces for offer in proposed(store).offers)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_text_without_any_mark_gets_chapters_and_scenes_of_a_usual_length(language):
    text = prose("long", 14_000, language)
    chapters = breaks.chapters(text)
    scenes = [scene for chapter in chapters for scene in chapter.scenes]
    assert len(chapters) > 2
    assert len(scenes) > 2 * len(chapters) - 2
    assert all(breaks.SHORTEST <= scene.words <= 4 * breaks.SCENE for scene in scenes)
    assert sum(count_words(text[scene.start : scene.end]) for scene in scenes) == count_words(text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_marks_far_apart_part_chapters_which_are_numbered(tmp_path, language):
    text = "\n***\n".join(prose(f"{language}{number}", 1800, language) for number in range(3))
    store, _book = made(tmp_path / "b.writer", text, language)
    with store:
        (offer,) = proposed(store).offers
    assert [piece.title for piece in offer.pieces] == {
        "en": ["Chapter 1", "Chapter 2", "Chapter 3"],
        "zh": ["第1章", "第2章", "第3章"],
    }[language]
    assert all(piece.level == 0 for piece in offer.pieces)


def test_two_stories_are_parted_where_the_one_ends():
    sea = "The captain steered the ship past the reef. The sailors hauled the sails and the anchor broke the waves.\n"
    court = "The judge called the lawyer. The jury heard the witness and the clerk wrote the verdict of the court.\n"
    text = sea * 120 + court * 120
    chapters = breaks.chapters(text)
    starts = [scene.start for chapter in chapters for scene in chapter.scenes]
    assert len(sea) * 120 in starts


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_taken_loses_nothing_and_is_given_back(tmp_path, language):
    text = "  \n***\n" + "\n\n***\n\n".join(long_scenes(language)) + "\n\n"
    store, book = made(tmp_path / "b.writer", text, language)
    with store:
        credits = (Credit(30, 60, ORIGIN), Credit(len(text) - 40, len(text) - 10, ORIGIN))
        store.save(book, text, credits)
        before = store.scene(book)
        plan = proposed(store)
        assert store.scene(book) == before
        assert len(store.nodes()) == 1
        taken = proposal.take(store, plan)
        nodes = store.nodes()
        assert [node.level for node in nodes] == [0, 1, 1, 1]
        assert [store.scene(node.id).text for node in nodes[1:]] == long_scenes(language)
        assert len({node.title for node in nodes}) == 4
        assert all(node.title for node in nodes)
        assert all(node.synopsis for node in nodes)
        assert sum(c.end - c.start for node in nodes for c in store.scene(node.id).credits) == 60
        assert [revision.reason for revision in store.revisions.of(book)][:1] == ["split"]
        proposal.undo(store, taken)
        after = store.scene(book)
        assert (after.text, after.credits) == (before.text, before.credits)
        assert len(store.nodes()) == 1
        assert store.plans.get(book) == Plan()


def test_what_was_written_since_stays_when_it_is_undone(tmp_path):
    scenes = long_scenes("en")
    store, book = made(tmp_path / "b.writer", "\n***\n".join(scenes))
    with store:
        taken = proposal.take(store, proposed(store))
        last = store.nodes()[-1].id
        store.save(last, store.scene(last).text + " And more.")
        proposal.undo(store, taken)
        assert store.scene(book).text == "\n***\n".join(scenes) + " And more."


def test_scenes_that_were_moved_since_are_not_undone(tmp_path):
    store, _book = made(tmp_path / "b.writer", "\n***\n".join(long_scenes("en")))
    with store:
        taken = proposal.take(store, proposed(store))
        store.move(store.nodes()[-1].id, None, None)
        before = outline(store)
        with pytest.raises(ProjectError, match="moved"):
            proposal.undo(store, taken)
        assert outline(store) == before


def test_a_text_that_was_changed_since_is_not_cut_and_nothing_else_is_done(tmp_path):
    store, book = made(tmp_path / "b.writer", "\n***\n".join(long_scenes("en")))
    with store:
        other = store.add("Another", text=prose("other", 200))
        plan = proposed(store)
        store.save(book, "Something else.")
        with pytest.raises(ProjectError, match="proposed again"):
            proposal.take(store, plan)
        assert store.plans.get(other) == Plan()
        assert len(store.nodes()) == 2


def test_synopses_are_proposed_only_where_there_are_none(tmp_path):
    store = Store.create(tmp_path / "b.writer", Project("A book", "", "en"))
    with store:
        chapter = store.add("Chapter 1")
        first = store.add("One", chapter, text=prose("1", 200))
        second = store.add("Two", chapter, text=prose("2", 200))
        store.plans.put(first, Plan("Mine.", notes="Keep.", target_words=300))
        plan = proposed(store)
        assert [offer.node for offer in plan.offers] == [chapter, second]
        assert plan.scenes == 0
        store.plans.put(second, Plan("Written meanwhile."))
        taken = proposal.take(store, plan)
        assert store.plans.get(first) == Plan("Mine.", notes="Keep.", target_words=300)
        assert store.plans.get(second).synopsis == "Written meanwhile."
        assert store.plans.get(chapter).synopsis
        proposal.undo(store, taken)
        assert not store.plans.get(chapter).synopsis
        assert store.plans.get(second).synopsis == "Written meanwhile."


def test_only_what_was_chosen_is_done(tmp_path):
    store = Store.create(tmp_path / "b.writer", Project("A book", "", "en"))
    with store:
        one, two = (store.add(str(n), text=prose(str(n), 200)) for n in (1, 2))
        proposal.take(store, proposed(store), {two})
        assert not store.plans.get(one).synopsis
        assert store.plans.get(two).synopsis
        assert [offer.node for offer in proposed(store).offers] == [one]
        assert proposed(store, [two]).offers == ()


def test_the_same_text_is_always_proposed_the_same(tmp_path):
    store, _book = made(tmp_path / "b.writer", prose("same", 9000))
    with store:
        assert proposed(store) == proposed(store)
