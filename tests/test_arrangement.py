"""The outline as one value and the way back; levels, seams, and what is planned at them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from writer.errors import ProjectError
from writer.store import Store
from writer.store.arrangement import differing
from writer.store.plans import BOOK
from writer.store.seams import divided, joined
from writer.story import Credit, Origin, Plan, Project, Task

ORIGIN = Origin("SmolLM2", "llamacpp", 7, "ab" * 32, 1_700_000_000)


@pytest.fixture
def book(store: Store) -> dict[str, int]:
    """Two parts: A with scenes a, b, c, and B with d."""
    ids = {"A": store.add("A"), "B": store.add("B")}
    ids |= {name: store.add(name, ids["A"], text=f"This is {name}.") for name in "abc"}
    return ids | {"d": store.add("d", ids["B"], text="This is d.")}


def shape(store: Store) -> str:
    """The titles in story order, each under a dash for each level."""
    return " ".join("-" * node.level + node.title for node in store.nodes())


def test_what_goes_higher_takes_along_what_comes_behind_it(store: Store, book: dict[str, int]):
    store.promote(book["b"])
    assert shape(store) == "A -a b -c B -d"
    store.promote(book["a"])
    assert shape(store) == "A a b -c B -d"
    with pytest.raises(ProjectError, match="“a” is at the top already"):
        store.promote(book["a"])


def test_what_goes_lower_takes_along_what_is_below_it(store: Store, book: dict[str, int]):
    store.demote(book["B"])
    assert shape(store) == "A -a -b -c -B --d"
    store.demote(book["b"])
    assert shape(store) == "A -a --b -c -B --d"
    for id in (book["A"], book["a"]):
        with pytest.raises(ProjectError, match="Nothing stands before"):
            store.demote(id)


def test_neither_changes_the_order_of_the_story_nor_sees_the_bin(store: Store, book: dict[str, int]):
    store.remove(book["a"])
    with pytest.raises(ProjectError, match="Nothing stands before “b”"):
        store.demote(book["b"])
    store.remove(book["c"])
    store.promote(book["b"])
    store.restore(book["c"])
    store.restore(book["a"])
    assert shape(store) == "A -a -c b B -d"


def test_scenes_are_merged_with_text_credits_and_plan(store: Store, book: dict[str, int]):
    store.save(book["b"], "This is b.", (Credit(0, 4, ORIGIN),))
    store.plans.put(book["a"], Plan("Gulls rise.", "map", "done", 300, ("Mara",), ("Rise.",), ("storm",)))
    store.plans.put(book["b"], Plan("Fog falls.", "map", "draft", 200, ("Tobias", "Mara"), ("Fall.",), ("storm",)))
    before, text = store.arrangement(), store.scene(book["a"])
    assert store.merge(book["a"]) == book["b"]
    assert shape(store) == "A -a -c B -d"
    merged = store.scene(book["a"])
    assert merged.text == "This is a.\nThis is b."
    assert [(credit.start, credit.end) for credit in merged.credits] == [(11, 15)]
    assert store.revisions.of(book["a"])[0].reason == "join"
    assert store.plans.get(book["a"]) == Plan(
        "Gulls rise. Fog falls.", "map", "draft", 500, ("Mara", "Tobias"), ("Rise.", "Fall."), ("storm",)
    )
    after = store.arrangement()
    store.arrange(before, after, [text])
    assert (shape(store), store.scene(book["a"]).text) == ("A -a -b -c B -d", "This is a.")
    assert store.arrangement() == before
    assert store.revisions.of(book["a"])[0].reason == "restore"


def test_parts_are_merged_with_all_below_them(store: Store, book: dict[str, int]):
    store.plans.put(book["B"], Plan("It ends.", target_words=900))
    assert store.merge(book["A"]) == book["B"]
    assert shape(store) == "A -a -b -c -d"
    assert store.plans.get(book["A"]) == Plan("It ends.", target_words=900)
    store.restore(book["B"])
    assert shape(store) == "A -a -b -c -d B"


def test_prose_never_gets_in_front_of_scenes_that_come_first(store: Store, book: dict[str, int]):
    store.save(book["B"], "B itself.")
    store.plans.put(book["B"], Plan("It ends.", status="draft"))
    store.merge(book["A"])
    assert shape(store) == "A -a -b -c -B -d"
    assert store.plans.get(book["A"]).synopsis == "It ends."
    assert store.plans.get(book["B"]) == Plan(status="draft")
    assert next(store.before(book["d"])).text == "B itself."


def test_a_scene_behind_a_part_becomes_its_last_and_keeps_its_plan(store: Store, book: dict[str, int]):
    scene = store.add("e", after=book["A"], text="This is e.")
    store.plans.put(book["A"], Plan("All of it.", target_words=1000))
    store.plans.put(scene, Plan("E comes.", target_words=200))
    store.merge(book["A"])
    assert shape(store) == "A -a -b -c -e B -d"
    assert store.plans.get(scene) == Plan("E comes.", target_words=200)
    assert store.plans.get(book["A"]) == Plan("All of it.", target_words=1200)


def test_there_may_be_nothing_to_merge_with(store: Store, book: dict[str, int]):
    for id, title in ((book["c"], "c"), (book["B"], "B")):
        with pytest.raises(ProjectError, match=f"Nothing stands behind “{title}”"):
            store.merge(id)
    with pytest.raises(ProjectError, match="has no scene 99"):
        store.merge(99)


def test_merging_all_into_one_and_back_keeps_every_word(store: Store, book: dict[str, int]):
    store.merge(book["A"])
    for _ in range(3):
        store.merge(book["a"])
    assert shape(store) == "A -a"
    assert store.scene(book["a"]).text == "This is a.\nThis is b.\nThis is c.\nThis is d."


# --- plans at the seams

ENGLISH = Plan(
    "Mara finds the boat on the beach. Tobias locks the lighthouse.",
    "see the map",
    "draft",
    1000,
    ("Mara", "Tobias"),
    ("Mara drags the boat.", "The tide comes.", "Tobias locks the door.", "The lamp goes out."),
    ("the lamp goes out", "the boat is found"),
    "SmolLM2",
)
CHINESE = Plan(
    "苏婉在沙滩上找到小船。陈默锁上灯塔。", "地图", "draft", 1000, ("苏婉", "陈默"), ("苏婉拖船。", "陈默锁门。")
)


@pytest.mark.parametrize(
    ("plan", "head", "tail"),
    [
        (ENGLISH, "Mara dragged the boat up the beach. The tide came in.", "Tobias locked the door of the lighthouse."),
        (CHINESE, "苏婉在沙滩上拖着小船。潮水来了。", "陈默走上灯塔，锁上了门。"),
    ],
)
def test_what_is_planned_goes_with_the_text_it_tells_of(plan: Plan, head: str, tail: str):
    one, other = divided(plan, head, tail)
    assert one.synopsis + (" " if plan is ENGLISH else "") + other.synopsis == plan.synopsis
    assert (one.cast, other.cast) == (plan.cast[:1], plan.cast[1:])
    assert one.beats + other.beats == plan.beats
    assert len(one.beats) == len(other.beats)
    assert one.target_words + other.target_words == 1000
    assert 0 < other.target_words < 1000
    assert one.notes == other.notes == plan.notes
    back = joined(one, other)
    assert back == plan


def test_where_nothing_tells_it_is_divided_by_halves():
    one, other = divided(ENGLISH, "", "")
    assert (one.target_words, one.beats, other.beats) == (500, ENGLISH.beats[:2], ENGLISH.beats[2:])
    assert (one.cast, other.cast) == (ENGLISH.cast, ENGLISH.cast)
    one, other = divided(Plan("One sentence alone."), "a", "b")
    assert (one.synopsis, other.synopsis) == ("One sentence alone.", "")
    assert divided(Plan(), "a", "b") == (Plan(), Plan())
    assert joined(Plan(), ENGLISH) == joined(ENGLISH, Plan()) == ENGLISH


SAID = st.lists(
    st.sampled_from(["Mara", "Tobias", "苏婉", "It rains.", "灯灭了。", "storm", "\n\n", "a b"]), max_size=5
)
ONCE = SAID.map(lambda said: tuple(dict.fromkeys(said)))
PLANS = st.builds(
    Plan, SAID.map(" ".join), SAID.map(" ".join), st.sampled_from(["", "draft"]), st.integers(0, 5000),
    ONCE, SAID.map(tuple), ONCE,
)  # fmt: skip


@settings(deadline=None)
@given(PLANS, SAID.map(" ".join), SAID.map(" ".join))
@example(Plan("It rains. It rains. \n\n"), "", "")
def test_nothing_that_is_planned_is_lost_at_a_seam(plan: Plan, head: str, tail: str):
    one, other = divided(plan, head, tail)
    back = joined(one, other)
    assert set(back.cast) == set(plan.cast)
    assert (back.beats, back.events, back.target_words) == (plan.beats, plan.events, plan.target_words)
    if one.synopsis != other.synopsis:  # the same is said once
        assert "".join(back.synopsis.split()) == "".join(plan.synopsis.split())
    assert one.notes == other.notes == plan.notes


def test_splitting_divides_the_plan_and_joining_brings_it_together(store: Store):
    part = store.add("Part")
    scene = store.add("Gulls", part, text="Mara dragged the boat.\nTobias locked the door.")
    store.plans.put(scene, ENGLISH)
    new = store.split(scene, 23, "Night")
    assert store.plans.get(scene).cast == ("Mara",)
    assert store.plans.get(new).cast == ("Tobias",)
    assert store.plans.get(new).made_by == "SmolLM2"
    store.join(scene)
    assert store.plans.get(scene) == ENGLISH


def test_a_chapter_keeps_what_holds_for_all_its_scenes(store: Store):
    chapter = store.add("One", text="The gulls rose. The fog lifted.")
    store.add("Gulls", chapter)
    store.plans.put(chapter, Plan("A day at sea.", "a map", target_words=3000))
    new = store.split(chapter, 16, "Fog")
    assert store.plans.get(new) == Plan()
    store.plans.put(new, Plan("The fog lifts.", target_words=500, events=("fog",)))
    store.join(chapter)
    assert store.plans.get(chapter) == Plan("A day at sea.", "a map", target_words=3000, events=("fog",))


def test_the_queue_follows_the_scenes(store: Store, book: dict[str, int]):
    a, b, c = (book[name] for name in "abc")
    store.tasks.arrange([Task(a, 100, beats=("x",)), Task(b, 200), Task(c, 300, beat=1)])
    store.merge(a)
    assert store.tasks.all() == [Task(a, 300), Task(c, 300, beat=1)]
    new = store.split(a, 11, "b again")
    assert [(task.node, task.words) for task in store.tasks.all()] == [(a, 150), (new, 150), (c, 300)]
    store.join(new)
    assert [task.node for task in store.tasks.all()] == [a]  # one of the two was begun


# --- the way back


def test_an_arrangement_brings_back_places_titles_and_plans_and_leaves_the_texts(store: Store, book: dict[str, int]):
    store.plans.put_all({book["a"]: ENGLISH, BOOK: Plan(notes="sources", target_words=80_000)})
    before = store.arrangement()
    outline = store.nodes()
    new = store.add("new", book["B"], text="Kept.")
    deeper = store.add("deeper", new)
    store.plans.put(new, CHINESE)
    store.plans.put_all({book["a"]: Plan(), book["b"]: CHINESE, BOOK: Plan()})
    store.move(book["a"], deeper, None)
    store.remove(book["A"])
    store.rename(book["d"], "another")
    store.save(book["d"], "Written meanwhile.")
    after = store.arrangement()
    store.arrange(before)
    assert [(node.id, node.parent, node.title, node.synopsis) for node in store.nodes()] == [
        (node.id, node.parent, node.title, node.synopsis) for node in outline
    ]
    assert store.plans.get(BOOK).target_words == 80_000
    assert store.plans.get(book["a"]) == ENGLISH
    assert store.scene(book["d"]).text == "Written meanwhile."
    assert [node.id for node in store.binned()] == [new]
    assert store.plans.get(new) == CHINESE
    store.arrange(after)
    assert store.arrangement() == after
    assert shape(store) == "B -another -new --deeper ---a"


def test_one_step_is_undone_and_what_others_did_meanwhile_stays(store: Store, book: dict[str, int]):
    before = store.arrangement()
    store.rename(book["a"], "renamed")
    after = store.arrangement()
    grown = store.add("grown", book["B"])
    store.plans.put(book["b"], ENGLISH)
    store.arrange(before, after)
    assert shape(store) == "A -a -b -c B -d -grown"
    assert store.plans.get(book["b"]) == ENGLISH
    store.remove(grown)
    store.arrange(after, before)
    assert shape(store) == "A -renamed -b -c B -d"


def test_undoing_a_step_never_makes_a_circle(store: Store, book: dict[str, int]):
    before = store.arrangement()
    store.move(book["A"], None, book["B"])
    store.move(book["B"], None, book["A"])
    inside = store.arrangement()
    store.move(book["a"], book["d"], None)
    step = store.arrangement()
    store.move(book["a"], None, None)
    store.move(book["d"], book["a"], None)
    with pytest.raises(ProjectError, match="can't be undone"):
        store.arrange(step, inside)
    assert shape(store) == "a -d A -b -c B"
    store.arrange(before)
    assert shape(store) == "A -a -b -c B -d"


def test_what_is_as_it_was_is_kept_once(store: Store, book: dict[str, int]):
    one = store.arrangement()
    store.rename(book["a"], "renamed")
    two = store.arrangement()
    assert two != one
    assert two.places[book["b"]] is one.places[book["b"]]


def test_it_is_read_anew_only_when_something_changed(store: Store, book: dict[str, int]):
    one = store.arrangement()
    assert store.arrangement() is one

    def rename_and_fail():
        with store.transaction():
            store.rename(book["a"], "renamed")
            assert store.arrangement() != one
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_and_fail()
    assert store.arrangement() == one
    store.plans.put(book["a"], Plan("A synopsis."))
    assert store.arrangement().plans[book["a"]].synopsis == "A synopsis."
    with Store.reader(store.path) as reader:
        before = reader.arrangement()
        store.move(book["b"], None, None)
        assert reader.arrangement().places[book["b"]] != before.places[book["b"]]


def test_what_differs_is_enough_to_go_back_and_forth(store: Store, book: dict[str, int]):
    before = store.arrangement()
    store.rename(book["a"], "renamed")
    new = store.add("new", book["B"])
    store.plans.put_all({new: Plan("A plan."), book["b"]: Plan("Another.")})
    store.remove(book["c"])
    after = store.arrangement()
    back, forth = differing(before, after)
    assert back.places.keys() == {book["a"], book["c"]}
    assert forth.places.keys() == {book["a"], book["c"], new}
    assert forth.plans.keys() == {book["b"], new}
    store.arrange(back, forth)
    assert store.arrangement().plans == {new: Plan("A plan.")}  # it went into the bin with its plan
    assert {**store.arrangement().places} == {**before.places, new: replace(after.places[new], is_binned=True)}
    store.arrange(forth, back)
    assert store.arrangement() == after


def test_an_arrangement_of_another_book_is_refused(store: Store, book: dict[str, int], tmp_path: Path):
    with Store.create(tmp_path / "other.writer", Project("", "", "zh")) as other:
        with pytest.raises(ProjectError, match="not there any more"):
            other.arrange(store.arrangement())
        assert other.nodes() == []


def test_any_steps_are_undone_and_done_again(tmp_path: Path):
    run_state_machine_as_test(
        lambda: Steps(tmp_path), settings=settings(max_examples=20, stateful_step_count=20, deadline=None)
    )


class Steps(RuleBasedStateMachine):
    """Whatever is done with an outline, all of it can be undone step by step, and every text is somewhere."""

    ids = Bundle("ids")

    def __init__(self, folder: Path) -> None:
        super().__init__()
        (folder / "steps.writer").unlink(missing_ok=True)
        self.store = Store.create(folder / "steps.writer", Project("", "", "en"))
        self.store._connection.execute("PRAGMA synchronous = OFF")
        self.steps = [self.store.arrangement()]
        self.count = 0

    def teardown(self) -> None:
        now = self.steps.pop()
        for earlier in reversed(self.steps):
            self.store.arrange(earlier, now)
            bin = {id for id, place in self.store.arrangement().places.items() if place.is_binned}
            for id, place in earlier.places.items():
                assert self.store.arrangement().places[id] == place
            assert bin >= set(self.store.order()) - earlier.places.keys()
            now = earlier
        assert self.store.nodes() == []
        self.store.close()

    def step(self) -> None:
        self.steps.append(self.store.arrangement())
        texts = "\n".join(scene.text for scene in map(self.store.scene, self.steps[-1].places))
        assert all(f"<{number}>" in texts for number in range(self.count))
        order = [node.id for node in self.store.nodes()]
        if order:
            assert [scene.id for scene in self.store.before(order[-1])] == order[-2::-1]

    @rule(target=ids, parent=st.none() | ids)
    def add(self, parent: int | None) -> int:
        self.count += 1
        id = self.store.add("child", parent, text=f"<{self.count - 1}>")
        self.store.plans.put(id, Plan("It is.", target_words=10))
        self.step()
        return id

    @rule(id=ids, parent=st.none() | ids)
    def move(self, id: int, parent: int | None) -> None:
        with suppress(ProjectError):  # into itself
            self.store.move(id, parent, None)
            self.step()

    @rule(id=ids, what=st.sampled_from(["promote", "demote"]))
    def level(self, id: int, what: str) -> None:
        order = [node.id for node in self.store.nodes()]
        with suppress(ProjectError):
            getattr(self.store, what)(id)
            if id in order:
                assert [node.id for node in self.store.nodes()] == order
            self.step()

    @rule(id=ids)
    def merge(self, id: int) -> None:
        if id not in self.store.order():
            return
        words = self.told()
        with suppress(ProjectError):
            self.store.merge(id)
            assert self.told() == words
            self.step()

    def told(self) -> list[str]:
        """The book's words in story order."""
        return "\n".join(self.store.scene(node.id).text for node in self.store.nodes()).split()

    @rule(id=ids, what=st.sampled_from(["remove", "restore"]))
    def bin(self, id: int, what: str) -> None:
        getattr(self.store, what)(id)
        self.step()
