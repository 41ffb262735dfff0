import pytest

from tests.desk import open_desk  # noqa: F401
from tests.planned import open_outline  # noqa: F401
from tests.ui.test_editor import make_page
from writer.story import Scene


@pytest.fixture
def open_page(qtbot):
    """Show a page with a scene of this text: ``open_page(prose)``."""

    def open_page(prose):
        page = make_page()
        qtbot.addWidget(page)
        page.show()
        page.activateWindow()
        page.setFocus()
        page.show_visit(page.documents.open(Scene(1, "", prose, 0)))
        qtbot.waitUntil(page.hasFocus)
        return page

    return open_page
