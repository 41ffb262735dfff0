"""A book with an outline for the tests of the window, and a way to speak of it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from writer.store import Store
from writer.story import Project

BOOK = (("One", ("a", "b", "c")), ("Two", ("d",)), ("Three", ()))


@pytest.fixture
def open_outline(open_desk, tmp_path):
    """Open a book of chapters and scenes, a scene's prose being its title: ``open_outline(book, **settings)``."""

    def open_outline(book=BOOK, *, texts=(), plans=(), language="en", **settings):
        path = tmp_path / "planned.writer"
        with Store.create(path, Project("A Book", "Two ledgers.", language)) as store:
            for title, scenes in book:
                chapter = store.add(title)
                for scene in scenes:
                    store.add(scene, chapter, text=dict(texts).get(scene, scene))
            ids = {node.title: node.id for node in store.nodes()} | {"": 0}
            store.plans.put_all({ids[title]: plan for title, plan in dict(plans).items()})
        desk = open_desk(path=path, language=language, suggestions=False, **settings)
        desk.window.panels.toggle_outline()
        desk.qtbot.waitUntil(lambda: desk.window.outline.model.rowCount() > 0)
        return desk

    return open_outline


def id_of(desk, title):
    return next(node.id for node in desk.window.nodes if node.title == title)


def choose(desk, *titles):
    desk.window.outline.choose([id_of(desk, title) for title in titles])


def press(desk, key, modifiers=Qt.KeyboardModifier.NoModifier):
    desk.window.outline.view.setFocus()
    QTest.keyClick(desk.window.outline.view, key, modifiers)


def said(nodes):
    """The outline as one line, deeper levels in brackets."""
    line, level = "", 0
    for node in nodes:
        line += "(" * (node.level - level) + ")" * (level - node.level)
        line += ("" if line.endswith("(") or not line else " ") + node.title
        level = node.level
    return line + ")" * level


def outline(desk):
    return said(desk.window.nodes)


def becomes(desk, line):
    try:
        desk.qtbot.waitUntil(lambda: outline(desk) == line)
    finally:
        assert outline(desk) == line
