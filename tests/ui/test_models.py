"""The models in the window: looking, getting, using, trying, adding, removing, and the author's own server."""

import socket
from dataclasses import replace
from types import SimpleNamespace

import keyring
import psutil
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from tests.engines.servers import Fake, Request, event, reply, stream
from tests.keyrings import Memory
from tests.keyrings import fresh as _fresh
from tests.models.conftest import shelf as _shelf
from tests.models.files import gguf
from tests.models.hub import Hub, serving
from writer import models, settings
from writer.models import Hardware, Progress, fetch
from writer.models import hub as hub_module
from writer.ui.fetching import paced, said_time
from writer.ui.shelf import ENGINE, SERVER

GB = 10**9
bare = _shelf
fresh = _fresh
LAPTOP = Hardware(16 * GB, 4 * GB, 8, disk_free=100 * GB)
QWEN = "qwen3-0.6b"


def open_models(desk, hardware=LAPTOP):
    window = desk.window
    window.models.detect = lambda: hardware
    window.models.show()
    desk.qtbot.waitUntil(lambda: window.models.shelf.list.count() > 0, timeout=10_000)
    return window.models.shelf


def answer(label, asked=None):
    """Press this button of the question that is about to be asked."""

    def press():
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(10, press)
            return
        if asked is not None:
            asked.append(f"{box.text()} {box.informativeText()}")
        next(button for button in box.buttons() if button.text() == label).click()

    QTimer.singleShot(0, press)


def lines(shelf):
    """What a screen reader says of each line of the list."""
    role = Qt.ItemDataRole.AccessibleTextRole
    return [shelf.list.item(row).data(role) for row in range(shelf.list.count())]


@pytest.fixture
def hub(bare, monkeypatch):
    whole = gguf(bare / "whole.gguf", size=3_000_000).read_bytes()
    with serving(Hub(whole)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(hub_module, "time", SimpleNamespace(sleep=lambda _seconds: None))
        yield hub


# -- looking -------------------------------------------------------------------------


def test_the_list_says_what_is_here_what_fits_and_what_suits(open_desk):
    """When I open Models, I see what I have, what I can get, and which one is for my computer."""
    desk = open_desk(["Here."], engine="echo")
    shelf = open_models(desk)
    said = lines(shelf)
    assert said[0] == "On this computer"
    assert any(line.startswith("SmolLM2 135M, fits, 98 MB · English, 0.3 GB of memory, Apache-2.0") for line in said)
    assert any(line.startswith("Qwen3 30B A3B, too large, 19 GB") for line in said)
    assert "Recommended for this computer: Qwen3" in shelf.advice.text()
    assert shelf.take_advice.text().startswith("Get it (")


def test_a_line_is_told_in_full(open_desk):
    shelf = open_models(open_desk(["Here."], suggestions=False))
    shelf.choose("gemma3-4b")
    sheet = shelf.sheet
    assert "3.2 GB of memory" in sheet.verdict.text()
    shown = {name: label.text() for name, label in sheet._rows.items()}
    assert shown["size"] == "2.5 GB"
    assert shown["writes"] == "English, Chinese"
    assert "ai.google.dev/gemma/terms" in shown["licence"]
    assert sheet.get.isVisible()
    assert not sheet.use.isVisible()
    assert not sheet.remove.isVisible()


def test_models_of_other_programs_are_listed_with_their_owner(open_desk, bare):
    other = gguf(bare / "user" / ".lmstudio" / "models" / "me" / "Tale" / "tale.gguf")
    window = open_models(open_desk(["Here."], suggestions=False))
    assert "Here, from LM Studio" in lines(window)
    window.choose(str(other))
    assert "LM Studio; remove it there" in window.sheet._rows["where"].text()
    assert not window.sheet.remove.isVisible()
    window.sheet.use.click()
    assert settings.load().model == str(other)
    assert window.sheet.use.text() == "In use"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "sepia", "dark"])
def test_it_can_be_drawn_in_every_dress(open_desk, language, theme):
    desk = open_desk(["Here."], suggestions=False, theme=theme, language=language)
    desk.window.resize(900, 600)
    shelf = open_models(desk)
    assert shelf.width() <= 900
    for name in ("smollm2-135m", "qwen3-8b", SERVER, ENGINE):
        shelf.choose(name)
        assert not shelf.grab().isNull()


def test_no_word_of_tokens(open_desk):
    shelf = open_models(open_desk(["Here."], suggestions=False))
    for row in range(shelf.list.count()):
        shelf.list.setCurrentRow(row)
        labels = [widget.text() for widget in shelf.findChildren(object) if hasattr(widget, "text")]
        assert not any("token" in (text if isinstance(text, str) else "").lower() for text in labels)


# -- using ---------------------------------------------------------------------------


def test_enter_on_a_line_switches_at_once(open_desk):
    desk = open_desk(["Here."], suggestions=False, model="smollm2-135m")
    shelf = open_models(desk)
    shelf.choose("gemma3-270m")
    QTest.keyClick(shelf.list, Qt.Key.Key_Return)
    assert settings.load().model == "gemma3-270m"
    assert desk.window.settings.model == "gemma3-270m"


@pytest.mark.parametrize(("free", "words"), [(0.25, "make room"), (0.01, "hardly load")])
@pytest.mark.parametrize("label", ["Use it anyway", "Cancel"])
def test_what_hardly_fits_is_warned_of_with_numbers(open_desk, free, words, label):
    desk = open_desk(["Here."], suggestions=False, model="gemma3-270m")
    total = GB if free > 0.1 else int(0.02 * GB)
    shelf = open_models(desk, Hardware(total, int(free * GB), 2))
    shelf.choose("smollm2-135m")
    asked = []
    answer(label, asked)
    shelf.sheet.use.click()
    assert words in asked[0]
    assert "needs 0.3 GB of memory" in asked[0]
    assert settings.load().model == ("smollm2-135m" if label == "Use it anyway" else "gemma3-270m")


def test_the_menu_of_the_button_switches_too(open_desk):
    desk = open_desk(["Here."], suggestions=False, model="smollm2-135m")
    menu = desk.window.model.menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Models…"
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["SmolLM2 135M"]
    next(action for action in menu.actions() if action.text() == "Gemma 3 270M").trigger()
    desk.qtbot.waitUntil(lambda: settings.load().model == "gemma3-270m")


def test_a_local_model_takes_the_place_of_the_server(open_desk):
    desk = open_desk(["Here."], suggestions=False, engine="server", server_url="http://localhost:9/v1")
    shelf = open_models(desk)
    assert shelf.pages.currentIndex() == 1
    shelf.choose("smollm2-135m")
    shelf.sheet.use.click()
    assert (settings.load().engine, settings.load().model) == ("auto", "smollm2-135m")


def test_the_engine_is_chosen_at_once(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    shelf = open_models(desk)
    shelf.choose(ENGINE)
    shelf.engines.chosen.button(2).click()
    assert settings.load().engine == "transformers"


# -- getting -------------------------------------------------------------------------


def test_a_cut_connection_goes_on_and_the_model_is_here(open_desk, hub):
    """When the line breaks in the middle, the rest is fetched, and I can use the model with one click."""
    hub.cut_after = [1_000_000]
    desk = open_desk(["Here."], suggestions=False)
    shelf = open_models(desk)
    shelf.choose(QWEN)
    shelf.sheet.get.click()
    desk.qtbot.waitUntil(lambda: models.known(QWEN).installed, timeout=15_000)
    assert hub.ranges_asked == ["", "bytes=1000000-"]
    desk.qtbot.waitUntil(lambda: "is here" in shelf.notice.message)
    assert shelf.chosen.is_here
    shelf.notice.act(0)
    assert settings.load().model == QWEN


def test_pausing_and_going_on(open_desk, hub):
    hub.slowness = 0.05
    desk = open_desk(["Here."], suggestions=False)
    shelf, fetching = open_models(desk), desk.window.models.fetching
    shelf.choose(QWEN)
    shelf.sheet.get.click()
    desk.qtbot.waitUntil(lambda: fetching.now.step.done > 500_000)
    assert "MB" in shelf.sheet.how_far.text()
    assert shelf.sheet.pause.isVisible()
    shelf.sheet.pause.click()
    assert fetching.now.message.endswith("paused")
    shelf.sheet.go_on.click()
    desk.qtbot.waitUntil(lambda: models.known(QWEN).installed, timeout=15_000)
    assert hub.ranges_asked[0] == ""
    assert hub.ranges_asked[1].startswith("bytes=")


def test_cancelling_keeps_what_came_and_removing_throws_it_away(open_desk, hub):
    hub.slowness = 0.05
    desk = open_desk(["Here."], suggestions=False)
    shelf, fetching = open_models(desk), desk.window.models.fetching
    shelf.choose(QWEN)
    shelf.sheet.get.click()
    desk.qtbot.waitUntil(lambda: fetching.now.step.done > 500_000)
    shelf.sheet.cancel.click()
    part = models.part_of(models.known(QWEN))
    desk.qtbot.waitUntil(lambda: shelf.sheet.get.isVisible() and "are here already" in shelf.sheet.how_far.text())
    assert part.is_dir()
    assert shelf.sheet.get.text() == "&Go on getting it"
    answer("Delete")
    shelf.sheet.remove.click()
    desk.qtbot.waitUntil(lambda: not part.exists() and shelf.sheet.get.text() == "&Get")


def test_fetching_goes_on_when_the_window_of_models_is_closed(open_desk, hub):
    hub.slowness = 0.02
    desk = open_desk(["Here."], suggestions=False)
    shelf = open_models(desk)
    shelf.choose(QWEN)
    shelf.sheet.get.click()
    shelf.close()
    desk.qtbot.waitUntil(lambda: "MB" in desk.window.notice.message)
    desk.qtbot.waitUntil(lambda: "is here" in desk.window.notice.message, timeout=15_000)
    assert models.known(QWEN).installed


def test_progress_gives_way_to_other_messages_and_stays_closed(open_desk, hub):
    hub.slowness = 0.02
    desk = open_desk(["Here."], suggestions=False)
    notice, fetching = desk.window.notice, desk.window.models.fetching
    desk.window.models.fetch(models.known(QWEN))
    desk.qtbot.waitUntil(lambda: "MB" in notice.message)
    notice.say("The file can't be saved.", topic="save")
    done = fetching.now.step.done
    desk.qtbot.waitUntil(lambda: fetching.now is None or fetching.now.step.done > done)
    assert notice.message == "The file can't be saved."
    notice.clear()
    desk.qtbot.waitUntil(lambda: fetching.now is None or "MB" in notice.message)
    notice.clear()
    done = fetching.now.step.done
    desk.qtbot.waitUntil(lambda: fetching.now is None or fetching.now.step.done > done)
    assert fetching.now is None or notice.message == ""
    fetching.cancel()


def test_one_at_a_time(open_desk, hub):
    hub.slowness = 0.05
    desk = open_desk(["Here."], suggestions=False)
    shelf = open_models(desk)
    shelf.choose(QWEN)
    shelf.sheet.get.click()
    shelf.choose("qwen3-1.7b")
    assert not shelf.sheet.get.isEnabled()
    assert "Another model is on its way" in shelf.sheet.how_far.text()
    desk.window.models.fetching.cancel()
    desk.qtbot.waitUntil(shelf.sheet.get.isEnabled)


def wrong(hub, monkeypatch, how):
    if how == "gone":
        hub.status = 404
    elif how == "off":
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    elif how == "bytes":
        hub.served = hub.content[:-4] + b"evil"
    else:
        monkeypatch.setattr(fetch, "disk_free", lambda: 1_000_000)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("gone", "no longer"),
        ("off", "check the network connection"),
        ("bytes", "checksum is wrong"),
        ("disk", "make room"),
    ],
)
def test_what_goes_wrong_is_one_sentence_with_another_try(open_desk, hub, monkeypatch, how, words):
    wrong(hub, monkeypatch, how)
    desk = open_desk(["Here."], suggestions=False)
    shelf, fetching = open_models(desk), desk.window.models.fetching
    shelf.choose(QWEN)
    shelf.sheet.get.click()
    desk.qtbot.waitUntil(lambda: fetching.now.state == "failed")
    assert words in shelf.sheet.how_far.text()
    assert shelf.sheet.go_on.text() == "&Try again"
    shelf.close()
    desk.window.models.fetching.go_on()
    desk.qtbot.waitUntil(lambda: words in desk.window.notice.message)
    assert not models.known(QWEN).installed


def test_terms_are_shown_and_asked_for(open_desk, hub):
    desk = open_desk(["Here."], suggestions=False)
    shelf, asked = open_models(desk), []
    shelf.choose("gemma3-1b")
    answer("Not now", asked)
    shelf.sheet.get.click()
    assert "Prohibited Use Policy" in asked[0]
    assert desk.window.models.fetching.now is None
    answer("Accept and get it")
    shelf.sheet.get.click()
    desk.qtbot.waitUntil(lambda: models.known("gemma3-1b").installed, timeout=15_000)


def test_time_left_is_told_once_the_pace_is_known():
    clock = iter(range(100))
    steps = [Progress(done * 10, 100, "Fetching") for done in range(6)]
    told = list(paced(steps, lambda: next(clock)))
    assert told[0][1] is None
    assert told[-1][1] == 5.0
    assert [said_time(seconds) for seconds in (2, 33, 61, 3000, 9000)] == [
        "5 seconds", "35 seconds", "1 minute", "50 minutes", "2 hours"
    ]  # fmt: skip


# -- adding and removing -------------------------------------------------------------


@pytest.mark.parametrize("label", ["Leave it where it is", "Copy it"])
def test_adding_a_file_and_removing_it(open_desk, bare, monkeypatch, label):
    file = gguf(bare / "elsewhere" / "tale.gguf")
    desk = open_desk(["Here."], suggestions=False)
    window = open_models(desk)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_words: (str(file), ""))
    answer(label)
    window.add.menu().actions()[0].trigger()
    place = models.folder() / "tale.gguf"
    desk.qtbot.waitUntil(lambda: window.chosen is not None and window.chosen.path == place)
    window.sheet.use.click()
    assert settings.load().model == str(place)
    asked = []
    answer("Delete" if label == "Copy it" else "Remove the link", asked)
    window.sheet.remove.click()
    desk.qtbot.waitUntil(lambda: not place.exists() and settings.load().model == "")
    assert file.is_file()
    assert ("stays where it is" in asked[0]) == (label != "Copy it")


def test_what_is_no_model_is_said(open_desk, bare, monkeypatch):
    file = bare / "novel.gguf"
    file.write_bytes(b"It was a dark and stormy night.")
    desk = open_desk(["Here."], suggestions=False)
    window = open_models(desk)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_words: (str(file), ""))
    answer("Leave it where it is")
    window.add.menu().actions()[0].trigger()
    desk.qtbot.waitUntil(lambda: "not a model" in window.notice.message)
    assert desk.window.models.fetching.now is None


# -- trying --------------------------------------------------------------------------


def children():
    return psutil.Process().children()


@pytest.mark.model
def test_a_model_is_tried_on_the_page_beside_the_one_in_use(open_desk):
    """When I try a model, it goes on from my page, and tells its speed in words; the one in use stays."""
    desk = open_desk(["The gulls rose over the harbour. The old man"], model="smollm2-135m")
    desk.wait_for_suggestion()
    engine = desk.window.suggestions.engine
    shelf, tryout = open_models(desk), desk.window.models.tryout
    shelf.choose("smollm2-135m")
    shelf.sheet.try_it.click()
    desk.qtbot.waitUntil(lambda: tryout.now is not None and tryout.now.state == "done", timeout=60_000)
    assert shelf.sheet.trial_text.text()
    assert "words a second" in shelf.sheet.trial_facts.text()
    assert tryout.now.trial.memory > 10**8
    assert desk.window.suggestions.engine is engine
    desk.qtbot.waitUntil(lambda: len(children()) == 1)
    desk.press(Qt.Key.Key_Escape)
    assert desk.wait_for_answer() is not None


@pytest.mark.model
def test_without_memory_for_both_the_one_in_use_comes_back(open_desk):
    desk = open_desk(["The gulls rose over the harbour."], model="smollm2-135m")
    desk.wait_for_suggestion()
    engine = desk.window.suggestions.engine
    shelf, tryout = open_models(desk, Hardware(16 * GB, int(0.35 * GB), 2)), desk.window.models.tryout
    shelf.choose("smollm2-135m")
    shelf.sheet.try_it.click()
    desk.qtbot.waitUntil(lambda: desk.window.suggestions.engine is None)
    desk.qtbot.waitUntil(lambda: tryout.now is not None and tryout.now.state == "done", timeout=60_000)
    desk.qtbot.waitUntil(lambda: desk.window.suggestions.engine is not None)
    assert desk.window.suggestions.engine is not engine
    desk.qtbot.waitUntil(lambda: desk.window.suggestions.state == "ready", timeout=30_000)


@pytest.mark.model
@pytest.mark.parametrize("how", ["stop", "close", "off"])
def test_a_trial_can_be_stopped_at_any_moment(open_desk, how):
    desk = open_desk(["The gulls rose."], model="smollm2-135m")
    desk.qtbot.waitUntil(lambda: desk.window.suggestions.state == "ready", timeout=30_000)
    shelf, tryout = open_models(desk), desk.window.models.tryout
    shelf.choose("smollm2-135m")
    shelf.sheet.try_it.click()
    desk.qtbot.waitUntil(lambda: len(children()) == 2)
    if how == "stop":
        shelf.sheet.stop.click()
    elif how == "close":
        shelf.close()
    else:
        desk.window.set_suggestions(False)
    assert tryout.now is None
    desk.qtbot.waitUntil(lambda: len(children()) == (0 if how == "off" else 1))


def test_with_suggestions_off_nothing_is_tried(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    shelf = open_models(desk)
    shelf.choose("smollm2-135m")
    shelf.sheet.try_it.click()
    assert "Suggestions are off" in shelf.notice.message
    assert desk.window.models.tryout.now is None


def test_a_trial_that_fails_says_why(open_desk, bare):
    broken = gguf(bare / "home" / "data" / "models" / "tale.gguf")
    desk = open_desk(["Here."], engine="echo")
    window = open_models(desk)
    window.choose(str(broken))
    window.sheet.try_it.click()
    tryout = desk.window.models.tryout
    desk.qtbot.waitUntil(lambda: tryout.now is not None and tryout.now.state == "failed", timeout=60_000)
    assert "tale" in window.sheet.trial_facts.text()


# -- the server ----------------------------------------------------------------------


def speak(asked: Request, sock: socket.socket) -> None:
    if asked.headers.get("authorization", asked.headers.get("Authorization")) != "Bearer a-key":
        reply(sock, {"error": {"message": "Unauthorized"}}, 401)
    elif asked.method == "GET":
        reply(sock, {"data": [{"id": "basement"}]}, 200 if asked.path.endswith("models") else 404)
    else:
        stream(sock, event(" Then"), event(" they"), event(" fell."), b"data: [DONE]\n\n")


def test_the_server_is_tested_and_used_with_its_key(open_desk, fresh):
    """When I type address and key, Writer tells whether the server answers, and writes with it."""
    keyring.set_keyring(ring := Memory())
    with Fake(speak) as fake:
        desk = open_desk(["The gulls rose."], engine="echo")
        shelf = open_models(desk)
        shelf.choose(SERVER)
        page = shelf.server
        page.place.setText(fake.url)
        assert "your text stays here" in page.privacy.text()
        page.test.click()
        desk.qtbot.waitUntil(lambda: "wants a key" in page.result.text())
        page.key.setText("a-key")
        page.test.click()
        desk.qtbot.waitUntil(lambda: "basement" in page.result.text())
        assert settings.load().engine == "echo"
        assert not ring.kept
        page.use.click()
        desk.qtbot.waitUntil(lambda: settings.load().engine == "server")
        assert list(ring.kept.values()) == ["a-key"]
        assert page.key.text() == ""
        assert "a-key" not in (settings.files.config_folder() / "settings.toml").read_text("utf-8")
        desk.qtbot.waitUntil(lambda: desk.window.suggestions.state in ("ready", "thinking"))
        assert desk.window.suggestions.engine.model == "basement"
        shelf.close()
        page.leave.click()
        assert settings.load().engine == "auto"
        page.forget.click()
        desk.qtbot.waitUntil(lambda: not ring.kept)
        desk.window.close()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Nothing is asked or sent"),
        ("http://key@box", "This is no address"),
        ("localhost:8080", "stays here"),
        ("https://box.example", "will be sent to box.example"),
        ("http://box.example", "unencrypted"),
    ],
)
def test_the_page_says_where_the_text_goes(open_desk, fresh, typed, words):
    keyring.set_keyring(Memory())
    shelf = open_models(open_desk(["Here."], suggestions=False))
    shelf.choose(SERVER)
    shelf.server.place.setText(typed)
    assert words in shelf.server.privacy.text()
    assert shelf.server.use.isEnabled() == ("box.example" in typed or "localhost" in typed)


def test_a_server_that_is_not_there_is_one_sentence(open_desk):
    shelf = open_models(desk := open_desk(["Here."], suggestions=False))
    shelf.choose(SERVER)
    shelf.server.place.setText("http://127.0.0.1:9")
    shelf.server.test.click()
    desk.qtbot.waitUntil(lambda: "start the server" in shelf.server.result.text(), timeout=10_000)
    assert shelf.server.test.text() == "&Test the connection"


def test_settings_of_others_are_kept(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    shelf = open_models(desk)
    settings.save(replace(settings.load(), words=99))
    shelf.choose("gemma3-270m")
    shelf.sheet.use.click()
    assert settings.load().words == 99
