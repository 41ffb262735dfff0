"""The question of the first start."""

from PySide6.QtWidgets import QPushButton

from writer import i18n, models
from writer.ui.welcome import Welcome


def test_both_languages_are_offered_alike_in_the_middle(qtbot):
    welcome = Welcome({code: models.default(code) for code in i18n.LANGUAGES})
    qtbot.addWidget(welcome)
    welcome.setStyleSheet("QPushButton { padding: 9px; }")
    welcome.resize(900, 640)
    first, last = welcome.findChildren(QPushButton, "choice")
    last.setStyleSheet("font-size: 40px;")  # as where only another font has Chinese
    welcome.show()
    qtbot.waitExposed(welcome)
    assert first.height() == last.height()
    left, right = first.mapTo(welcome, first.rect().topLeft()).x(), last.mapTo(welcome, last.rect().topRight()).x()
    assert abs(left - (welcome.width() - 1 - right)) <= 1
