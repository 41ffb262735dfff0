"""When prose no longer fits its synopsis, what would fit is offered, and nothing else is."""

import pytest

from tests.memory.books import finished, prose
from writer.errors import ProjectError
from writer.outline import follow
from writer.outline.drift import fitting
from writer.outline.told import told
from writer.store import Store
from writer.story import Plan, Project

ATTIC = {
    "en": (
        "Anna climbed to the attic. Dust lay on the beams. In an old trunk she found the letter from her mother. "
        "She held it over the candle and burned it. Then she went down to supper. Her brother Paul asked her nothing."
    ),
    "zh": (
        "林安爬上阁楼。梁上积满了灰。她在旧箱子里找到母亲的信。她把信放在蜡烛上烧掉了。然后她下楼吃晚饭。弟弟保罗什么也没问。"
    ),
}
SAID = {
    "en": "Anna finds the letter in the attic and burns it. Paul asks nothing.",
    "zh": "林安在阁楼找到母亲的信，把信烧掉。保罗什么也没问。",
}


def fit(synopsis, old, new, language, same=(), **more):
    found, _steps = finished(fitting(synopsis, [(old, new)], same, language, **more))
    return found


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("en", "Anna", "Mara"),
        ("en", "Paul", "Peter"),
        ("en", "attic", "cellar"),
        ("en", "letter", "diary"),
        ("zh", "林安", "苏梅"),
        ("zh", "林安", "林平"),
        ("zh", "保罗", "彼得"),
        ("zh", "阁楼", "地窖"),
    ],
)
def test_a_name_or_a_thing_that_became_another_does_so_in_the_synopsis_and_nothing_else_does(language, old, new):
    text = ATTIC[language]
    found = fit(SAID[language], text, text.replace(old, new), language)
    assert found is not None
    assert found.proposal == SAID[language].replace(old, new)
    assert len(found.why) == 1


@pytest.mark.parametrize(
    ("language", "old", "new", "proposal"),
    [
        (
            "en",
            "She held it over the candle and burned it.",
            "She folded it and hid it under her dress.",
            "Anna finds the letter in the attic. She folded it and hid it under her dress. Paul asks nothing.",
        ),
        (
            "en",
            " She held it over the candle and burned it.",
            "",
            "Anna finds the letter in the attic. Paul asks nothing.",
        ),
        (
            "zh",
            "她把信放在蜡烛上烧掉了。",
            "她把信折好，藏进衣服里。",
            "林安在阁楼找到母亲的信。她把信折好，藏进衣服里。保罗什么也没问。",
        ),
    ],
)
def test_what_happens_otherwise_now_is_told_as_it_happens_now(language, old, new, proposal):
    text = ATTIC[language]
    found = fit(SAID[language], text, text.replace(old, new), language)
    assert found is not None
    assert found.proposal == proposal


@pytest.mark.parametrize(
    ("language", "edits"),
    [
        ("en", [("Dust lay", "Thick dust lay"), ("Then she went", "After that she walked")]),
        ("en", [("Anna climbed", "She climbed")]),
        ("en", [("burned it", "burnt it"), ("found", "discovered")]),
        ("en", [("attic. Dust", "attic; dust")]),
        ("en", [("asked her nothing.", "asked her nothing.\nIt was late, and the wind rose over the roofs.")]),
        ("zh", [("梁上积满了灰", "横梁上落满了厚厚的灰尘"), ("然后她下楼", "后来她走下楼")]),
        ("zh", [("什么也没问。", "什么也没问。夜深了，风从屋顶上刮过。")]),
        ("zh", [("她把信放在", "她慢慢地把信放在")]),
    ],
)
def test_prose_that_is_only_polished_or_goes_on_changes_nothing(language, edits):
    new = ATTIC[language]
    for old, instead in edits:
        assert old in new
        new = new.replace(old, instead)
    assert fit(SAID[language], ATTIC[language], new, language) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_plan_that_runs_ahead_of_the_prose_is_left_alone(language):
    sentence = {"en": " Then the police arrest Paul for the murder.", "zh": "然后警察以谋杀罪逮捕了保罗。"}[language]
    text = ATTIC[language]
    assert fit(SAID[language] + sentence, text[: len(text) // 2], text, language) is None
    assert fit(SAID[language], "", text, language) is None


def test_what_is_still_told_elsewhere_below_the_node_is_not_lost():
    old, text = ATTIC["en"].rsplit("Her", 1)[0], ATTIC["en"]
    assert fit(SAID["en"], text, old, "en", same=["Her brother Paul asked her nothing."]) is None


def test_a_turn_that_is_written_into_the_middle_is_offered_as_new():
    text = ATTIC["en"].replace(
        "Then she went",
        "On the stairs she heard a cry. Captain Orme lay dead in the hall, and Tobias Finch stood over him with the "
        "knife. Nobody had heard the door. Tobias Finch confessed the murder to Anna, and begged her to hide him from "
        "the soldiers until the morning, when a boat would come for him. She gave him the key of the boathouse, and "
        "her coat, and all the money that she had. Then she went",
    )
    found = fit(SAID["en"], ATTIC["en"], text, "en")
    assert found is not None
    assert found.proposal.startswith(SAID["en"])
    assert "Tobias Finch" in found.proposal


def test_the_sentences_of_an_extracted_synopsis_follow_word_for_word():
    text = prose("extract", 600)
    synopsis = told(text, "en").synopsis
    first = synopsis.split(". ")[0] + "."
    new = text.replace(first, "The gardener painted the wooden gate green.")
    found = fit(synopsis, text, new, "en")
    assert found is not None
    assert "The gardener painted the wooden gate green." in found.proposal


# --- with a book


def book(path, language="en"):
    store = Store.create(path, Project("A book", "", language))
    chapter = store.add("Chapter 1", synopsis={"en": "Anna burns a letter.", "zh": "林安烧掉一封信。"}[language])
    scene = store.add("Attic", chapter, text=ATTIC[language], synopsis=SAID[language])
    other = store.add("Other", chapter, text=prose("other", 80, language), synopsis="The boats stay in.")
    return store, chapter, scene, other


def followed(store, nodes=None):
    """Look for drifts as whoever keeps the file does."""
    work = follow.drifts(store, nodes)
    while True:
        try:
            follow.keep(store, next(work))
        except StopIteration as end:
            return end.value


def replaced(store, scene, old, new):
    store.save(scene, store.scene(scene).text.replace(old, new))


@pytest.mark.parametrize(("language", "old", "new"), [("en", "Anna", "Mara"), ("zh", "林安", "苏梅")])
def test_a_changed_name_is_offered_for_the_scene_and_what_is_above_it(tmp_path, language, old, new):
    store, chapter, scene, _other = book(tmp_path / "b.writer", language)
    with store:
        assert followed(store) == []
        replaced(store, scene, old, new)
        before = store.plans.all()
        found = followed(store)
        assert [drift.node for drift in found] == [chapter, scene]
        assert all(drift.proposal == drift.synopsis.replace(old, new) for drift in found)
        assert store.plans.all() == before
        for drift in found:
            follow.accept(store, drift)
        assert store.plans.get(scene).synopsis == SAID[language].replace(old, new)
        assert followed(store) == []


def test_what_was_dismissed_is_not_offered_again_until_the_prose_changes(tmp_path):
    store, _chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        followed(store)
        replaced(store, scene, "Paul", "Peter")
        (drift,) = followed(store)
        follow.dismiss(store, drift)
        assert store.plans.get(scene).synopsis == SAID["en"]
        assert followed(store) == []
        replaced(store, scene, "attic", "cellar")
        (drift,) = followed(store)
        assert drift.proposal == SAID["en"].replace("attic", "cellar")
    with Store.open(tmp_path / "b.writer") as store:
        assert len(followed(store)) == 1


def test_what_was_accepted_is_taken_back_and_not_offered_again(tmp_path):
    store, _chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        store.plans.put(scene, Plan(SAID["en"], notes="Mine.", beats=("One.",), made_by="model"))
        followed(store)
        replaced(store, scene, "Paul", "Peter")
        (drift,) = followed(store)
        before = follow.accept(store, drift)
        assert store.plans.get(scene).notes == "Mine."
        follow.take_back(store, drift, before)
        assert store.plans.get(scene) == before
        assert followed(store) == []


def test_a_synopsis_that_was_changed_meanwhile_stays(tmp_path):
    store, _chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        followed(store)
        replaced(store, scene, "Paul", "Peter")
        (drift,) = followed(store)
        store.plans.put(scene, Plan("Another one."))
        with pytest.raises(ProjectError, match="meanwhile"):
            follow.accept(store, drift)
        assert store.plans.get(scene).synopsis == "Another one."


def test_a_synopsis_that_its_author_wrote_after_the_prose_counts_as_right(tmp_path):
    store, _chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        followed(store)
        replaced(store, scene, "Paul", "Peter")
        store.plans.put(scene, Plan("Anna reads the letter and marries Paul."))
        assert followed(store) == []


def test_a_book_that_was_never_looked_at_is_compared_with_its_earlier_versions(tmp_path):
    store, _chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        replaced(store, scene, "Paul", "Peter")
        found = followed(store)
        assert [(drift.node, drift.proposal) for drift in found] == [(scene, SAID["en"].replace("Paul", "Peter"))]


def test_only_reading_writes_nothing(tmp_path):
    store, _chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        followed(store)
        replaced(store, scene, "Paul", "Peter")
    with Store.reader(tmp_path / "b.writer") as store:
        found, _steps = finished(follow.drifts(store))
        assert [drift.node for drift in found] == [scene]


def test_marks_that_were_damaged_only_cost_what_they_knew(tmp_path):
    store, _chapter, _scene, _other = book(tmp_path / "b.writer")
    with store:
        followed(store)
        for damage in ("[", "[]", '{"1": 7}', '{"x": ["a", {}]}', '{"2": ["a", {"2": "zz"}]}'):
            store.put("followed", damage)
            assert followed(store) == []


def test_a_scene_that_moved_to_another_chapter_is_no_loss_to_itself(tmp_path):
    store, chapter, scene, _other = book(tmp_path / "b.writer")
    with store:
        followed(store)
        there = store.add("Chapter 2")
        store.move(scene, there, None)
        assert [drift.node for drift in followed(store)] in ([], [chapter])


def test_an_answer_reads_no_more_in_a_long_book(tmp_path):
    asked = []
    for scenes in (5, 60):
        store, _chapter, scene, _other = book(tmp_path / f"{scenes}.writer")
        with store:
            with store.transaction():
                for number in range(scenes):
                    store.add(f"{number}", text=ATTIC["en"], synopsis=SAID["en"])
            followed(store)
            replaced(store, scene, "Paul", "Peter")
            (drift,) = followed(store)
            count = 0

            def counted(_statement):
                nonlocal count
                count += 1

            store.ask(lambda connection, counted=counted: connection.set_trace_callback(counted))
            follow.dismiss(store, drift)
            asked.append(count)
    assert asked[0] == asked[1]
