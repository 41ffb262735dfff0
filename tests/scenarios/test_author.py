"""What an author does and expects, in the real window with the real models on both engines."""

import os
import signal

import psutil
import pytest
from PySide6.QtCore import Qt

from writer.text import language_of

pytestmark = pytest.mark.model

ENGLISH = (
    "The ferry had not come for three days, and the village had run out of lamp oil. "
    "Marta walked down to the landing every morning and looked across the grey water.\n"
    "On the fourth morning her brother came with her."
)
CHINESE = (
    "渡船三天没有来了，村里的灯油也用完了。玛塔每天清晨都走到码头，望着灰色的水面。\n"
    "第四天早上，她的弟弟跟着她一起来了。"
)
FIRST_CONVERSION = 240_000
"""Milliseconds: on a new computer the transformers engine first converts the model."""
ENGINES = ["llamacpp", "transformers"]


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


def test_english_on_either_engine(open_desk, engine):
    """When I type half a sentence and wait, a suggestion appears; Tab takes it; Ctrl+Z takes it back."""
    desk = open_desk([ENGLISH], engine=engine, words=12)
    desk.write(" The gulls rose over")
    grey = desk.wait_for_suggestion(FIRST_CONVERSION)
    assert language_of(grey) == "en"
    assert desk.text == ENGLISH + " The gulls rose over"
    assert not grey.startswith("  ")
    desk.press(Qt.Key.Key_Tab)
    assert desk.text == ENGLISH + " The gulls rose over" + grey
    (credit,) = desk.page.visit.credits
    assert desk.text[credit.start : credit.end] == grey
    assert (credit.origin.engine, "smollm2" in credit.origin.model.lower()) == (engine, True)
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.text == ENGLISH + " The gulls rose over"


def test_chinese_on_either_engine(open_desk, engine):
    """我写了半句话，停下来，灰色的续写就出现了；用 Ctrl+→ 取一个短语，再撤销。"""
    desk = open_desk([CHINESE], language="zh", engine=engine, words=20)
    desk.page.insertPlainText("风从河上吹来，")
    grey = desk.wait_for_suggestion(FIRST_CONVERSION)
    assert language_of(grey) == "zh"
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    taken = desk.text.removeprefix(CHINESE + "风从河上吹来，")
    assert taken
    assert grey.startswith(taken)
    assert desk.grey == grey.removeprefix(taken)
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.text == CHINESE + "风从河上吹来，"


@pytest.mark.parametrize("prose", ["", "😀", "，。！？", "She walked to the windo", "他说：“"])
def test_odd_pages_are_answered(open_desk, prose):
    """When my page is empty, or only an emoji, or ends in half a word, asking does no harm and often helps."""
    desk = open_desk([prose], engine="llamacpp")
    grey = desk.wait_for_answer()
    assert desk.window.notice.message == ""
    desk.page.accept(grey)
    assert desk.text == prose + grey


def test_typing_what_was_predicted_keeps_the_rest(open_desk):
    """When I type the very words it predicted, the rest stays and nothing flickers."""
    desk = open_desk([ENGLISH], engine="llamacpp")
    grey = desk.wait_for_suggestion()
    desk.write(grey[:5])
    assert desk.grey.startswith(grey[5:])
    assert desk.text == ENGLISH + grey[:5]


def test_another_one_is_another(open_desk):
    """When I don't like it, Alt+] brings another one."""
    desk = open_desk([ENGLISH], engine="llamacpp", temperature=1.2)
    first = desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: len(desk.window.suggestions.candidates) == 2, timeout=20_000)
    assert desk.wait_for_suggestion() != first


def test_the_model_is_killed_in_mid_suggestion(open_desk):
    """When the model dies, my window lives, my text is there, and the next pause brings a suggestion again."""
    desk = open_desk([ENGLISH], engine="llamacpp", words=200)
    desk.qtbot.waitUntil(lambda: bool(desk.grey), timeout=60_000)
    children = psutil.Process().children(recursive=True)
    model = max(children, key=lambda process: process.memory_info().rss)
    os.kill(model.pid, signal.SIGKILL)
    desk.qtbot.waitUntil(lambda: bool(desk.window.notice.message), timeout=20_000)
    assert desk.text == ENGLISH
    desk.write(" She waited.")
    assert desk.wait_for_suggestion()
    assert desk.wait_saved() == ENGLISH + " She waited."


def test_control_tokens_in_a_novel_stay_text(open_desk):
    """When my novel is about a machine that says <|im_end|>, that is what my page says."""
    prose = "The screen showed <|im_end|> and then nothing more. Ada typed again"
    desk = open_desk([prose], engine="llamacpp")
    assert desk.wait_for_suggestion()
    assert desk.text == prose


def test_a_truncated_model_is_named(open_desk, tmp_path, home):
    """When my model file is cut off, I am told so in a sentence and can go on writing."""
    whole = next((home / "data" / "models").glob("*mol*.gguf"))
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole.read_bytes()[:3_000_000])
    desk = open_desk([ENGLISH], model=str(cut))
    desk.qtbot.waitUntil(lambda: bool(desk.window.notice.message), timeout=60_000)
    desk.write(" Still here.")
    assert desk.wait_saved() == ENGLISH + " Still here."


def test_closing_while_it_thinks_leaves_no_process(open_desk):
    """When I close the window in the middle of a suggestion, it closes at once and nothing is left running."""
    desk = open_desk([ENGLISH], engine="llamacpp", words=300)
    desk.qtbot.waitUntil(lambda: bool(desk.grey), timeout=60_000)
    children = psutil.Process().children(recursive=True)
    assert children
    desk.window.close()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert len(gone) == len(children)
