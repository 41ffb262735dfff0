"""A branch as the outline draws it."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QTreeView

from writer.story import OutlineNode, Plan
from writer.ui.branches import Branch
from writer.ui.rows import NUMBERS, Rows
from writer.ui.theme import THEMES


@pytest.mark.parametrize(("target", "is_wide"), [(0, True), (900, False)])
def test_a_synopsis_has_the_whole_line_where_no_bar_stands_beside_it(qtbot, target, is_wide):
    view = QTreeView()
    qtbot.addWidget(view)
    rows = Rows(view)
    rows.theme = THEMES["light"]
    plan = Plan(synopsis="She counts the birds on the mill pond, and counts them again. " * 9)
    branch = Branch(OutlineNode(1, None, 0, "One", "", 90), plan, 90, target, 0)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 500, rows.sizeHint(option, None).height())
    image = QImage(option.rect.size(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    rows.paint(painter, option, SimpleNamespace(data=lambda _role: branch))
    painter.end()
    line = range(image.height() - 14, image.height() - 6)
    inked = [x for x in range(image.width()) for y in line if image.pixelColor(x, y).lightness() < 150]
    assert (max(inked) > image.width() - NUMBERS) == is_wide
