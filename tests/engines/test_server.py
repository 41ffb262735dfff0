from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from writer import files, i18n, models
from writer.context import build
from writer.engines import EngineSpec, Sampling
from writer.engines.exchange import Patience, events
from writer.engines.llamacpp import LlamaCpp
from writer.engines.server import Server
from writer.errors import EngineError, UsageError
from writer.story import Cursor

from .reading import page, read, until
from .servers import (
    KEY,
    Fake,
    Request,
    begin,
    chunk,
    event,
    free_port,
    hang,
    llama_server,
    reply,
    stream,
    transformers_serve,
)

HARBOUR = "The gulls rose over the harbour as the boat came in. Mara shaded her eyes and"
RIVER = "黄昏时分，老人独自坐在江边，望着远处的船。他想起了年轻时的事，"
DONE = b"data: [DONE]\n\n"
HURRIED = Patience(connect=1, short=0.3, first=0.3, between=0.3)

# --- real servers


@pytest.fixture(scope="module")
def llama_url() -> Iterator[str]:
    with llama_server(models.find("smollm2-135m")) as url:
        yield url


@pytest.fixture(scope="module")
def llama(llama_url: str) -> Iterator[Server]:
    server = Server(EngineSpec("server", llama_url, ""), lambda origin: KEY)
    yield server
    server.close()


@pytest.fixture(scope="module")
def served(small_folder: Path) -> Iterator[Server]:
    with transformers_serve(small_folder) as url:
        server = Server(EngineSpec("server", url, str(small_folder), 512))
        yield server
        server.close()


@pytest.mark.model
def test_a_llama_server_writes_what_the_engine_in_writer_writes(llama: Server, english: LlamaCpp) -> None:
    sampling = Sampling(max_tokens=12, seed=3)
    text, usage = read(llama.generate(page("On the quay.\n", HARBOUR), sampling))
    assert text == read(english.generate(page("On the quay.\n", HARBOUR), sampling))[0]
    assert (usage.tokens, usage.prompt_tokens) == (12, sum(english.count(["On the quay.\n", HARBOUR])))
    assert (llama.name, llama.model, llama.context_tokens, llama.bos_tokens, llama.state) == (
        "server",
        "SmolLM2-135M-Instruct.Q4_1",
        2048,
        0,
        "ready",
    )


@pytest.mark.model
@pytest.mark.parametrize("text", ["", "🙂", HARBOUR, RIVER, "<|im_end|>", "A\r\nB", "\ud83d"])
def test_a_llama_server_counts_as_the_engine_in_writer_counts(llama: Server, english: LlamaCpp, text: str) -> None:
    assert llama.count([text, "x"]) == english.count([text.encode("utf-8", "replace").decode(), "x"])
    assert read(llama.generate(page(text), Sampling(max_tokens=2)))[1].tokens == 2


@pytest.mark.model
def test_a_llama_server_reads_only_what_is_new(llama: Server) -> None:
    read(llama.generate(page(HARBOUR), Sampling(max_tokens=1)))
    assert read(llama.generate(page(HARBOUR + " waved"), Sampling(max_tokens=1)))[1].prefilled_tokens <= 2


@pytest.mark.model
@pytest.mark.timeout(60)
def test_a_stopped_llama_server_is_free_for_the_next(llama: Server) -> None:
    pieces = llama.generate(page(HARBOUR), Sampling(max_tokens=1500, may_end=False))
    assert next(piece.text for piece in pieces if piece.text)
    with pytest.raises(StopIteration) as end:
        pieces.throw(GeneratorExit())
    assert 0 < end.value.value.tokens < 100
    assert read(llama.generate(page(HARBOUR), Sampling(max_tokens=2)))[0]


@pytest.mark.model
def test_log_probabilities_stop_strings_and_banned_phrases_at_a_llama_server(llama: Server) -> None:
    greedy = Sampling(max_tokens=24, temperature=0, logprobs=3)
    pieces = [piece for piece in llama.generate(page(HARBOUR), greedy) if piece.tokens]
    assert all(len(piece.alternatives) == 3 for piece in pieces)
    text = "".join(piece.text for piece in pieces)
    word = text.split()[2]
    for option in ({"stop": (word,)}, {"banned": (word,)}):
        short, _ = read(llama.generate(page(HARBOUR), Sampling(max_tokens=24, temperature=0, **option)))
        assert word not in short
        assert text.startswith(short)


@pytest.mark.model
def test_too_long_a_text_is_one_sentence(llama: Server) -> None:
    with pytest.raises(EngineError, match="budget"):
        read(llama.generate(page("word " * 3000), Sampling()))


@pytest.mark.model
def test_a_wrong_key_is_told_and_not_shown(llama_url: str) -> None:
    for key in ("", "wrong-key"):
        server = Server(EngineSpec("server", llama_url, ""), lambda origin, key=key: key)
        with pytest.raises(EngineError, match="settings key") as told:
            _ = server.context_tokens
        assert "wrong-key" not in str(told.value)
        assert server.state == "failed"
        server.close()


@pytest.mark.model
def test_the_prompt_of_a_suggestion_is_never_more_than_its_budget(llama: Server) -> None:
    text = HARBOUR * 80
    prompt = build(Cursor(1, text, len(text)), None, llama, 300)
    _, usage = read(llama.generate(prompt, Sampling(max_tokens=1)))
    assert usage.prompt_tokens == prompt.tokens <= 300


@pytest.mark.model
def test_transformers_serve_writes(served: Server) -> None:
    text, usage = read(served.generate(page(HARBOUR), Sampling(max_tokens=8, temperature=0)))
    assert (usage.tokens, served.state) == (8, "ready")
    assert "\ufffd" not in text


@pytest.mark.model
def test_transformers_serve_counts_nothing_so_the_estimate_is_careful(served: Server, small: Any) -> None:
    for text in (HARBOUR, RIVER, "A1 🙂 2026-11-22", "“No,” she said—"):
        assert served.count([text])[0] >= small.count([text])[0]
    assert served.context_tokens < 512


@pytest.mark.model
def test_transformers_serve_can_not_score(served: Server) -> None:
    with pytest.raises(EngineError, match="score"):
        served.score(page(HARBOUR), " smiled")


@pytest.mark.model
@pytest.mark.parametrize("name", ["english", "chinese"])
@pytest.mark.parametrize("sample", ["en", "zh"])
def test_an_estimate_is_careful_for_prose(request: pytest.FixtureRequest, name: str, sample: str) -> None:
    """With the densities that the server would be found to have, no page of the samples is estimated too low."""
    engine: LlamaCpp = request.getfixturevalue(name)

    def answer(asked: Request, sock: socket.socket) -> None:
        if asked.method == "GET":
            reply(sock, {"data": []}, 200 if asked.path.endswith("models") else 404)
        else:
            (tokens,) = engine.count([asked.body["prompt"]])
            stream(sock, event("x", usage={"prompt_tokens": tokens + 30}), DONE)

    text = (files.assets() / "samples" / f"{sample}.md").read_text("utf-8")
    parts = [text[at : at + 800] for at in range(0, len(text) - 800, 800)][:30]
    with Fake(answer) as fake:
        server = Server(EngineSpec("server", fake.url, "m"))
        guesses, exact = server.count(parts), engine.count(parts)
        server.close()
    assert all(guess >= count for guess, count in zip(guesses, exact, strict=True))
    assert sum(guesses) < 1.6 * sum(exact)


# --- servers of other makes, by what they document


def like(
    kind: str, *pieces: bytes, then: Callable[[Request, socket.socket], object] | None = None
) -> Callable[[Request, socket.socket], object]:
    """A server that tells what it is as this kind does."""

    def answer(asked: Request, sock: socket.socket) -> object:
        told = {
            "/v1/models": {"data": [{"id": "first", "max_model_len": 5000 if kind == "vllm" else None}, {"id": "b"}]},
            "/version": {"version": "0.20.1"} if kind == "vllm" else None,
            "/api/version": {"version": "0.31"} if kind == "ollama" else None,
            "/api/ps": {"models": [{"name": "first", "context_length": 8000}]} if kind == "ollama" else None,
            "/api/v0/models": {"data": [{"id": "first", "loaded_context_length": 6000}]}
            if kind == "lmstudio"
            else None,
        }
        if asked.method == "GET":
            found = told.get(asked.path)
            return reply(sock, found or {"error": "not found"}, 200 if found else 404)
        if asked.path == "/tokenize" and kind == "vllm":
            ids = [ord(c) for c in asked.body["prompt"]]
            return reply(sock, {"tokens": [1] * asked.body["add_special_tokens"] + ids, "count": len(ids)})
        return then(asked, sock) if then else stream(sock, *(pieces or (event("x"), DONE)))

    return answer


def ask(answer: Callable[[Request, socket.socket], object], **sampling: Any) -> tuple[str, Fake, Server]:
    """What a server that answers so is heard to say behind the harbour."""
    with Fake(answer) as fake:
        server = Server(EngineSpec("server", fake.url, ""), patience=HURRIED)
        try:
            return read(server.generate(page(HARBOUR), Sampling(**{"max_tokens": 8} | sampling)))[0], fake, server
        finally:
            server.close()


def test_vllm_is_sent_tokens_and_its_own_settings() -> None:
    _, fake, server = ask(like("vllm"), top_k=0, min_p=0.1, repetition_penalty=1.2, may_end=False)
    sent = fake.seen[-1].body
    assert sent["prompt"] == [1, *map(ord, HARBOUR)]
    assert (sent["top_k"], sent["min_p"], sent["repetition_penalty"], sent["ignore_eos"]) == (-1, 0.1, 1.2, True)
    assert (sent["model"], server._known.reads, server._known.tokenizer.bos) == ("first", 5000, (1,))


def test_vllm_scores_a_text() -> None:
    def score(asked: Request, sock: socket.socket) -> None:
        assert (asked.body["echo"], asked.body["logprobs"]) == (True, 1)
        n = len(asked.body["prompt"])
        scores = [None, *(-float(at) for at in range(1, n)), -99.0]
        reply(sock, {"choices": [{"logprobs": {"token_logprobs": scores}}], "usage": {"prompt_tokens": n}})

    with Fake(like("vllm", then=score)) as fake:
        server = Server(EngineSpec("server", fake.url, ""))
        assert server.score(page("ab"), "cde") == [-3.0, -4.0, -5.0]
        server.close()


def test_ollama_is_asked_to_continue_the_page_as_it_is() -> None:
    def generate(asked: Request, sock: socket.socket) -> None:
        lines = [{"response": " 海"}, {"response": "鸥"}, {"response": "", "done": True, "eval_count": 2}]
        begin(sock, "application/x-ndjson")
        for line in lines:
            chunk(sock, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        chunk(sock, b"")

    text, fake, _ = ask(like("ollama", then=generate), repetition_penalty=1.2, top_k=7)
    sent = fake.seen[-1]
    assert (text, sent.path, sent.body["raw"], sent.body["prompt"]) == (" 海鸥", "/api/generate", True, HARBOUR)
    assert (sent.body["options"]["repeat_penalty"], sent.body["options"]["top_k"]) == (1.2, 7)
    assert {request.body["options"]["num_ctx"] for request in fake.seen if request.body} == {8000}  # or it loads anew


def test_lm_studio_is_sent_what_it_takes() -> None:
    _, fake, server = ask(like("lmstudio"), top_k=7, repetition_penalty=1.2)
    assert (fake.seen[-1].body["top_k"], fake.seen[-1].body["repeat_penalty"]) == (7, 1.2)
    assert server._known.reads == 6000


def test_an_unknown_server_is_sent_only_what_openai_defines() -> None:
    _, fake, _ = ask(like(""), stop=("\n",), presence_penalty=0.5)
    standard = {"model", "prompt", "stream", "stream_options", "max_tokens", "temperature", "top_p", "seed", "stop"}
    assert set(fake.seen[-1].body) == standard | {"presence_penalty"}


@pytest.mark.parametrize(("status", "key"), [(400, "message"), (422, "detail")])
def test_a_field_that_is_refused_by_name_is_left_out_from_then_on(status: int, key: str) -> None:
    def picky(asked: Request, sock: socket.socket) -> None:
        if "stream_options" in asked.body:
            reply(sock, {key: "Unexpected fields: {'stream_options'}"}, status)
        elif "seed" in asked.body:
            reply(sock, {key: "Unexpected fields: {'seed'}"}, status)
        else:
            stream(sock, event(" sea"), DONE)

    text, fake, _ = ask(like("", then=picky))
    assert text == " sea"
    assert sum("seed" in request.body for request in fake.seen) == 2


@pytest.mark.parametrize(("text", "asks"), [(HARBOUR, "continue a novel"), (RIVER, "续写一部小说")])
def test_a_server_with_chat_only_is_asked_for_the_continuation(text: str, asks: str) -> None:
    def chat(asked: Request, sock: socket.socket) -> None:
        if not asked.path.endswith("/chat/completions"):
            return reply(sock, {"detail": "Not Found"}, 404)
        said = {"choices": [{"delta": {"content": "smiled"}}], "usage": {"prompt_tokens": 9}}
        return stream(sock, b"data: " + json.dumps(said).encode() + b"\n\n", DONE)

    with Fake(like("", then=chat)) as fake:
        server = Server(EngineSpec("server", fake.url, ""))
        assert read(server.generate(page(text + "</page1>"), Sampling()))[0] == "smiled"
        read(server.generate(page(text), Sampling()))
        server.close()
    system, user = fake.seen[-2].body["messages"]
    assert asks in system["content"]
    assert user["content"] == f"<page2>\n{text}</page1>\n</page2>"
    assert [request.path for request in fake.seen].count("/v1/completions") == 1


# --- streams that are hard to read


HARD: dict[str, list[bytes]] = {
    "crlf": [event(" one").replace(b"\n", b"\r\n"), event(" two").replace(b"\n", b"\r\n"), DONE],
    "comments": [b": ping\n\n", event(" one"), b": ping\n", event(" two"), DONE],
    "a mark at the start": [b"\xef\xbb\xbf" + event(" one"), event(" two"), DONE],
    "no done": [event(" one"), event(" two")],
    "no blank line at the end": [event(" one"), event(" two").rstrip()],
    "one byte at a time": [bytes([byte]) for byte in event(" one") + event(" two") + DONE],
    "data over several lines": [b'data: {"choices":\ndata: [{"text": " one two"}]}\n\n', DONE],
    "other fields": [b"event: x\nid: 3\nretry: 5\n" + event(" one two"), DONE],
    "no choices": [event(" one two"), b'data: {"choices": [], "usage": {"prompt_tokens": 3}}\n\n', DONE],
    "nothing": [event(" one two"), b'data: {"choices": [{"text": null, "logprobs": null}]}\n\n', DONE],
}


@pytest.mark.parametrize("name", HARD)
def test_hard_streams_are_read(name: str) -> None:
    assert ask(like("", *HARD[name]))[0] == " one two"


def test_characters_are_whole_wherever_the_bytes_are_cut() -> None:
    whole = event("海🙂鸥") + DONE
    for cut in range(1, len(whole)):
        assert (
            "".join(
                json.loads(data)["choices"][0]["text"] for data in list(events(iter([whole[:cut], whole[cut:]])))[:1]
            )
            == "海🙂鸥"
        )


def test_a_server_that_does_not_stream_is_read_too() -> None:
    whole = {"choices": [{"text": " one two"}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    assert ask(like("", then=lambda asked, sock: reply(sock, whole)))[0] == " one two"


def test_a_server_that_does_not_stop_is_stopped() -> None:
    text, _, _ = ask(like("", *[event(" on")] * 500, DONE), max_tokens=8)
    assert text.count("on") <= 9


def test_a_connection_is_used_again_and_made_anew_when_the_server_closed_it() -> None:
    closing = False

    def answer(asked: Request, sock: socket.socket) -> object:
        stream(sock, event(" x"), DONE)
        return not closing

    with Fake(like("", then=answer)) as fake:
        server = Server(EngineSpec("server", fake.url, ""))
        for _ in range(3):
            read(server.generate(page(HARBOUR), Sampling()))
            time.sleep(0.02)
        assert fake.connections == 1
        closing = True
        for _ in range(3):
            assert read(server.generate(page(HARBOUR), Sampling()))[0] == " x"
            time.sleep(0.02)
        server.close()
    assert fake.connections >= 3


# --- servers that fail


def failure(answer: Callable[[Request, socket.socket], object], **options: Any) -> str:
    """The sentence that the author reads."""
    with Fake(answer) as fake:
        server = Server(EngineSpec("server", fake.url, ""), **{"patience": HURRIED} | options)
        with pytest.raises(EngineError) as told:
            read(server.generate(page(HARBOUR), Sampling(max_tokens=8)))
        server.close()
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500
    return str(told.value)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, {"error": {"message": "Invalid API Key"}}, "key"),
        (403, b"<html>Forbidden</html>", "key"),
        (404, {"error": {"message": "model 'first' not found, try pulling it first"}}, "no model “first”"),
        (404, b"<html><h1>Not Found</h1></html>", "server_url"),
        (429, {"error": {"message": "Rate limit reached"}}, "busy"),
        (503, {"error": {"message": "Loading model"}}, "still loading"),
        (503, b"", "busy"),
        (400, {"error": {"message": "This model's maximum context length is 8 tokens; 'max_tokens' is"}}, "budget"),
        (500, b"<html>\n<body>Oops</body></html>", "could not answer (Word)"),
        (500, {"detail": [{"msg": "deep\ntrouble"}]}, "(deep trouble)"),
        (418, b'{"error":' * 500_000, "could not answer"),
    ],
)
def test_an_error_becomes_one_sentence_with_the_next_step(status: int, body: Any, says: str) -> None:
    assert says in failure(like("", then=lambda asked, sock: reply(sock, body, status)))


def test_an_error_in_the_stream_is_told() -> None:
    assert "(out of memory)" in failure(like("", event(" one"), b'data: {"error": {"message": "out of memory"}}\n\n'))


def test_a_key_that_the_server_repeats_is_not_shown() -> None:
    said = failure(like("", then=lambda a, s: reply(s, {"error": "no sk-123 here"}, 500)), key=lambda origin: "sk-123")
    assert "sk-123" not in said


def test_no_redirect_is_followed() -> None:
    with Fake(like("")) as other:
        place = f"Location: {other.url}/completions\r\n"
        said = failure(like("", then=lambda asked, sock: reply(sock, b"", 307, extra=place)))
        assert "sends Writer on" in said
        assert not other.seen


def begun(sock: socket.socket) -> None:
    begin(sock)
    chunk(sock, event(" one"))


def stall(sock: socket.socket) -> bool:
    begun(sock)
    return hang(sock)


def cut(sock: socket.socket, said: bytes = b"") -> bool:
    sock.sendall(said)
    return False


def cut_later(sock: socket.socket) -> bool:
    begun(sock)
    return False


FAULTS: dict[str, tuple[Callable[[socket.socket], object], str]] = {
    "hangs before the head": (hang, "silent"),
    "stalls in the middle": (stall, "silent"),
    "cuts the head": (lambda sock: cut(sock, b"HTTP/1.1 200 OK\r\nConte"), "broke off"),
    "cuts the stream": (cut_later, "broke off"),
    "hangs up": (cut, "broke off"),
    "garbage": (lambda sock: cut(sock, bytes(range(256)) * 2), "server_url"),
    "another protocol": (lambda sock: cut(sock, b"SSH-2.0-OpenSSH_9.6\r\n"), "server_url"),
    "no JSON": (lambda sock: stream(sock, b"data: hello\n\n"), "server_url"),
    "other shapes": (lambda sock: stream(sock, b'data: {"choices": ["x"], "usage": []}\n\n'), "could not answer"),
    "other types": (lambda sock: stream(sock, b'data: {"choices": [{"logprobs": {"content": [3]}}]}\n\n'), "answer"),
    "a list": (lambda sock: stream(sock, b"data: [1]\n\n"), "server_url"),
    "no chunks where it says so": (lambda sock: cut(sock, CHUNKED + b"zz\r\nhello"), "broke off"),
    "an endless line": (lambda sock: endless(sock, b"x" * 65536), "server_url"),
    "an endless event": (lambda sock: endless(sock, b"data: x\n" * 8192), "server_url"),
    "an endless head": (lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\n" + b"x" * 200_000), "server_url"),
    "a huge answer": (lambda sock: endless(sock, b" " * 65536, "application/json"), "server_url"),
}
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def endless(sock: socket.socket, block: bytes, kind: str = "text/event-stream") -> None:
    begin(sock, kind)
    while True:
        chunk(sock, block)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_becomes_one_sentence_in_bounded_time_and_memory(name: str) -> None:
    answer, says = FAULTS[name]
    tracemalloc.start()
    assert says in failure(like("", then=lambda asked, sock: answer(sock)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 << 20


def test_an_address_where_nothing_listens_says_what_to_do_and_is_asked_again() -> None:
    port = free_port()
    server = Server(EngineSpec("server", f"127.0.0.1:{port}", ""))
    with pytest.raises(EngineError, match="start the server"):
        server.count(["a"])
    assert server.state == "failed"
    with Fake(like(""), port=port):
        assert server.count(["a"])[0] > 0
        assert server.state == "ready"
        server.close()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(UsageError):
        Server(EngineSpec("server", "ftp://x", ""))


# --- stopping


HANGS: dict[str, Callable[[Request, socket.socket], object]] = {
    "who it is": lambda asked, sock: hang(sock),
    "the head": like("", then=lambda asked, sock: hang(sock)),
    "the stream": like("", then=lambda asked, sock: stall(sock)),
}


@pytest.mark.timeout(15)
@pytest.mark.parametrize("name", HANGS)
def test_another_thread_stops_it_wherever_it_hangs(name: str) -> None:
    with Fake(HANGS[name]) as fake:
        server = Server(EngineSpec("server", fake.url, ""))
        timer = threading.Timer(0.3, server.cancel)
        timer.start()
        text, usage = read(server.generate(page(HARBOUR), Sampling()))
        assert (text, usage.tokens) in ((" one", 1), ("", 0))
        timer.join()
        server.close()


def test_cancelling_beside_leaves_the_page_alone_and_closing_closes_both() -> None:
    with Fake(like("", then=lambda asked, sock: stall(sock))) as fake:
        server = Server(EngineSpec("server", fake.url, ""))
        sides = {"page": server, "work": server.beside()}
        asking = {
            name: threading.Thread(target=lambda side=side: read(side.generate(page(HARBOUR), Sampling())))
            for name, side in sides.items()
        }
        for thread in asking.values():
            thread.start()
        until(lambda: sum(asked.path.endswith("/completions") for asked in fake.seen) == 2)
        sides["work"].cancel()
        asking["work"].join()
        assert asking["page"].is_alive()
        sides["page"].cancel()
        asking["page"].join()
        server.close()
        with pytest.raises(EngineError, match="closed"):
            sides["work"].count(["a"])


@pytest.mark.timeout(15)
def test_a_connection_that_is_never_made_can_be_stopped() -> None:
    with socket.socket() as listener:  # its queue is full: the next connection waits
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        server = Server(EngineSpec("server", f"http://127.0.0.1:{listener.getsockname()[1]}", ""))
        assert server.state == "loading"
        threading.Timer(0.2, server.cancel).start()
        read(server.generate(page(HARBOUR), Sampling()))
        server.close()
        for sock in waiting:
            sock.close()
        with pytest.raises(EngineError, match="closed"):
            server.count(["a"])


@pytest.mark.timeout(15)
def test_making_one_never_waits() -> None:
    with Fake(HANGS["who it is"]) as fake:
        server = Server(EngineSpec("server", fake.url, ""))
        assert server.state == "loading"
        server.close()


# --- the whole road


@pytest.mark.model
def test_a_suggestion_from_the_command_line(llama_url: str, tmp_path: Path, home: Path) -> None:
    text = tmp_path / "page.txt"
    text.write_text(HARBOUR, "utf-8")
    environment = os.environ | {"WRITER_SERVER_KEY": KEY}

    def writer(*words: object) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "writer", *map(str, words), "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        assert KEY not in done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert writer("settings", "set", "server_url", llama_url) == [
        {"done": True, "key": "server_url", "value": llama_url}
    ]
    *pieces, done = writer("suggest", text, "--engine", "server", "--seed", 5)
    assert done["text"] == "".join(piece["piece"] for piece in pieces)
    assert len(done["text"]) > 10
    assert (done["engine"], done["model"]) == ("server", "SmolLM2-135M-Instruct.Q4_1")
    assert not [
        path
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink() and KEY in path.read_text("utf-8", "replace")
    ]
    i18n.use("en")
