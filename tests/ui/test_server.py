"""The window with the author's own server: grey text from it, and a page that never waits for it."""

from __future__ import annotations

import socket

import pytest

from tests.engines.servers import Fake, Request, event, free_port, hang, reply, stream
from writer.ui import about

DONE = b"data: [DONE]\n\n"


def speak(asked: Request, sock: socket.socket) -> None:
    if asked.method == "GET":
        reply(sock, {"data": [{"id": "basement"}]}, 200 if asked.path.endswith("models") else 404)
    else:
        stream(sock, event(" Then"), event(" they"), event(" fell."), DONE)


def test_grey_text_comes_from_the_server(open_desk) -> None:
    with Fake(speak) as fake:
        desk = open_desk(["The gulls rose."], engine="server", server_url=fake.url)
        assert desk.wait_for_suggestion() == " Then they fell."
        assert desk.window.suggestions.engine.model == "basement"
        desk.window.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("when", ["GET", "POST"])
def test_a_server_that_hangs_never_holds_the_page(open_desk, when: str) -> None:
    def stuck(asked: Request, sock: socket.socket) -> object:
        return hang(sock) if asked.method == when else speak(asked, sock)

    with Fake(stuck) as fake:
        desk = open_desk(["The gulls rose."], engine="server", server_url=fake.url)
        desk.qtbot.waitUntil(lambda: any(request.method == when for request in fake.seen))
        desk.write(" And")
        assert desk.wait_saved() == "The gulls rose. And"
        desk.window.close()


def test_a_server_that_is_started_later_is_found(open_desk) -> None:
    port = free_port()
    desk = open_desk(["The gulls rose."], engine="server", server_url=f"http://127.0.0.1:{port}/v1")
    desk.qtbot.waitUntil(lambda: "start the server" in desk.window.notice.message)
    with Fake(speak, port=port):
        desk.wait_for_answer()
        assert desk.wait_for_suggestion() == " Then they fell."
        desk.window.close()


def test_about_says_where_the_text_goes(open_desk) -> None:
    desk = open_desk(["The gulls rose."], suggestions=False, engine="server", server_url="http://gpu-box:8000/v1")
    about.show(desk.window)
    assert "goes to gpu-box" in desk.window.notice.message
