import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.memory.books import book, finished, prose
from writer.errors import ProjectError
from writer.memory.tree import FEWEST, MOST, Shape, groups, left_of, stacked
from writer.memory.update import update
from writer.store import Store

KEYS = st.lists(st.binary(min_size=16, max_size=16), max_size=120)


@given(KEYS)
def test_groups_cover_a_row_and_none_is_too_large(keys):
    cuts = list(groups(keys))
    assert [i for a, b in cuts for i in range(a, b)] == list(range(len(keys)))
    assert all(FEWEST <= b - a <= MOST for a, b in cuts[:-1])
    assert all(b - a <= MOST for a, b in cuts)


@given(KEYS, st.data())
def test_one_brother_more_re_makes_one_path(keys, data):
    rng = random.Random(1)
    keys = keys + [rng.randbytes(16) for _ in range(400)]
    at = data.draw(st.integers(0, len(keys)))
    before, after = {}, {}
    stacked(keys, before)
    stacked([*keys[:at], rng.randbytes(16), *keys[at:]], after)
    assert len(set(after) - set(before)) <= 24
    assert len(after) > 40


@given(KEYS, KEYS, KEYS)
def test_what_is_left_of_a_place_does_not_depend_on_what_follows(row, one, other):
    left = left_of(row)
    assert [i for node in left for i in range(node.first, node.end)] == list(range(len(row)))
    for rest in (one, other):
        if rest:
            inner = {}
            stacked([*row, *rest], inner)
            assert all(node.key in inner or node.end - node.first == 1 for node in left)


@given(KEYS)
def test_what_is_left_is_no_more_than_a_few_at_each_height(row):
    assert len(left_of(row)) <= (MOST - 1) * 4


def outline(levels):
    nodes, above = {}, []
    for id, level in enumerate(levels, 1):
        while above and above[-1][0] >= level:
            above.pop()
        nodes[id] = above[-1][1] if above else None
        above.append((level, id))
    return nodes


@given(st.lists(st.integers(0, 6), max_size=60), st.data())
def test_the_left_of_a_node_is_all_that_precedes_it(levels, data):
    nodes = outline(levels)
    chunks = {id: f"{id}".encode() for id in nodes if data.draw(st.booleans())}
    shape = Shape(nodes, chunks)
    for node in nodes:
        found = set()
        for left in shape.left(node):
            waiting = [left.key]
            while waiting:
                key = waiting.pop()
                if key in shape.prose:
                    found.add(shape.prose[key])
                waiting += shape.inner.get(key, ())
            assert left.row.width(left.key, left.end) == left.end - left.first
        assert found == {id for id in chunks if id < node}


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.data())
def test_what_is_over_a_node_is_all_that_has_its_prose(levels, data):
    nodes = outline(levels)
    shape = Shape(nodes, {id: f"{id}".encode() for id in nodes})
    node = data.draw(st.sampled_from(sorted(nodes)))
    having = [{key for key, id in shape.prose.items() if id == node}]
    while having[-1]:
        having.append({key for key, children in shape.inner.items() if not having[-1].isdisjoint(children)})
    over = shape.over(node)
    assert over & shape.inner.keys() == set().union(*having[1:])
    assert all(left.key not in over for id in nodes if id <= node for left in shape.left(id))


def test_moving_a_scene_makes_no_scene_again():
    nodes = outline([0] * 400)
    chunks = {id: f"{id}".encode() for id in nodes}
    shape = Shape(nodes, chunks)
    moved = Shape(dict.fromkeys([*range(1, 40), *range(41, 300), 40, *range(300, 401)]), chunks)
    assert set(moved.prose) == set(shape.prose)
    assert len(set(moved.inner) - set(shape.inner)) <= 20


@pytest.mark.timeout(60)
def test_three_thousand_flat_scenes_are_told_by_a_few():
    nodes = outline([0] * 3000)
    chunks = {id: f"{id}".encode() for id in nodes}
    shape = Shape(nodes, chunks)
    assert len(shape.left(2999)) < 60


def told(shape):
    lefts = [[(left.key, left.row.nodes[left.first : left.end]) for left in shape.left(node)] for node in shape.parents]
    places = [shape.span(shape.start(node), shape.start(node) + 1) for node in shape.sizes]
    return list(shape.parents.items()), shape.tops, shape.inner, shape.stale, lefts, set(shape.prose), set(places)


CHANGES = st.sampled_from(["save", "empty", "add", "move", "remove", "restore", "undone", "update"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=25),
    st.lists(st.tuples(CHANGES, st.integers(0, 99))),
)
def test_the_tree_follows_every_change_whoever_makes_it(tmp_path_factory, levels, changes):
    path = tmp_path_factory.mktemp("book") / "book.writer"
    store, ids = book(path, [(level, f"T{n}", prose(n % 7, 20 * (n % 4))) for n, level in enumerate(levels)])
    with store, Store.reader(path) as reader:
        for what, number in [("update", 0), *changes]:
            change(store, ids[number % len(ids)], what, number)
            with Store.reader(path) as fresh:
                assert told(Shape.of(store)) == told(Shape.of(reader)) == told(Shape.of(fresh))
            assert Shape.of(reader) is Shape.of(reader)


def change(store, id, what, number):
    with suppress(ProjectError):
        match what:
            case "save":
                store.save(id, prose(number, number))
            case "empty":
                store.save(id, "")
            case "add":
                store.add("New", id if number % 2 else None, text=prose(number, number))
            case "move":
                store.move(id, None, None)
            case "remove":
                store.remove(id)
            case "restore":
                store.restore(id)
            case "undone":
                with suppress(ZeroDivisionError), store.transaction():
                    store.save(id, prose(number, 50) + "Undone.")
                    if number % 2:
                        store.move(id, None, None)
                    Shape.of(store)
                    raise ZeroDivisionError
            case "update":
                finished(update(store))
