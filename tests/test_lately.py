"""Who and what was named in the last pages before a caret."""

from itertools import pairwise

import pytest

from tests.memory.books import book, finished
from tests.test_context import Counter
from writer.context import Memory, build
from writer.context.lately import lately
from writer.context.memory import Offer, laid_out
from writer.memory.preceding import before
from writer.memory.update import update
from writer.story import Cursor, Entry

CROWD = [surname + a + b for surname in "王李张刘陈杨赵黄周吴徐孙" for a in "文子伯叔季" for b in "远敬言山海"]
MANY = "".join(f"{one}说：“天黑了。”{other}没有说话，{one}走了。\n" * 4 for one, other in pairwise(CROWD))
CAME = "那天黄昏，贺兰雪骑马来到洛阳城。贺兰雪说：“开门。”守门的人认得贺兰雪，洛阳城的门开了。\n"
CALM = "天黑了，谁也没有说话。风停了，船都没有出海。雨下了一夜，路上没有一个人。\n"
LATER = "孟长风说：“走。”贺兰雪看着孟长风，没有说话。\n" * 9


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    texts = [MANY, CAME + CALM * 9, CALM * 20, LATER]
    opened, _ids = book(
        tmp_path_factory.mktemp("book") / "book.writer", [(1, str(n), text) for n, text in enumerate(texts, 1)], "zh"
    )
    with opened:
        finished(update(opened))
        yield opened


def at_end(store, number):
    node = store.nodes()[number]
    text = store.scene(node.id).text
    return Cursor(node.id, text, len(text))


def named(store, cursor, cast=()):
    return {entry.name: entry for entry in lately(store, cursor, cast)}


def test_who_came_in_a_chapter_ago_is_among_them_and_who_comes_later_is_not(store):
    found = named(store, at_end(store, 2))
    assert {"贺兰雪", "洛阳城"} <= found.keys()
    assert "孟长风" not in found
    span = found["贺兰雪"].last
    assert store.scene(span.scene).text[span.start : span.end] == "贺兰雪"
    assert span.start == CAME.rfind("贺兰雪")


def test_the_latest_comes_first(store):
    cursor = at_end(store, 3)
    assert [*named(store, cursor)][:2] == ["孟长风", "贺兰雪"]


def test_one_of_too_many_for_the_cast_is_read_with_it(store):
    cursor = at_end(store, 2)
    assert "贺兰雪" not in {entry.name for entry in before(store, cursor).cast()}
    prompt = build(cursor, store, Counter(), 600, memory=Memory(store))
    (part,) = [part for part in prompt.parts if part.kind == "lately"]
    assert "贺兰雪" in part.text
    assert len(part.sources) == part.text.count("、") + 1


def test_a_name_that_the_cast_has_is_the_casts_own(store):
    cursor = at_end(store, 2)
    mine = Entry("雪儿", aliases=("贺兰雪",), count=90)
    assert named(store, cursor, [mine])["雪儿"] is mine


def test_whom_the_author_leaves_out_is_left_out_by_every_name(store):
    cursor = at_end(store, 2)
    assert "贺兰雪" not in named(store, cursor, [Entry("雪儿", aliases=("贺兰雪",), excluded=True)])
    own = store.entries.put(Entry("雪儿", aliases=("贺兰雪",), excluded=True))
    assert "贺兰雪" not in build(cursor, store, Counter(), 900, memory=Memory(store)).text
    store.entries.remove(own.id)


def test_they_are_told_behind_the_cast_unless_it_tells_them_or_the_page_shows_them():
    offer = Offer(
        cast=((Entry("Mira", count=90), 9.0),),
        lately=(Entry("Tom"), Entry("Mira", count=90), Entry("Dunmouth"), Entry("Baldwin"), Entry("Bartholomew")),
    )
    parts, dropped = laid_out(offer, "The boats stayed in. " * 9 + "Tom went home.", lambda span: False, 640, Counter())
    assert [(part.kind, part.text) for part in parts] == [
        ("cast", "Characters and places: Mira.\n\n"),
        ("lately", "Named lately: Dunmouth, Baldwin.\n\n"),
    ]
    assert [(one.kind, one.text) for one in dropped] == [("lately", "Bartholomew")]
    assert dropped[0].reason


def test_who_is_on_the_part_of_the_page_that_gives_way_is_told():
    offer = Offer(lately=(Entry("Tom"),))
    page = "Tom went home. " + "The boats stayed in. " * 50
    parts, _dropped = laid_out(offer, page, lambda span: False, 640, Counter())
    assert [part.text for part in parts] == ["Named lately: Tom.\n\n"]
