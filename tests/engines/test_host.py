from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from writer import models
from writer.engines import EngineSpec, Sampling
from writer.engines.echo import Echo
from writer.engines.host import Host
from writer.errors import DiedError, EngineError, ModelError

from .reading import page, read, until

ECHO = EngineSpec("echo", "", "echo", 1000)
ENDLESS = Sampling(max_tokens=1_000_000)


@pytest.fixture
def host() -> Iterator[Host]:
    with Host(ECHO, patience=0.2) as host:
        yield host


@pytest.mark.parametrize("text", ["The gulls rose.", "海鸥从港口飞起。", "🙂", ""])
def test_it_says_what_the_engine_inside_says(host: Host, text: str) -> None:
    inside = read(Echo(ECHO).generate(page(text), Sampling(max_tokens=8)))
    assert read(host.generate(page(text), Sampling(max_tokens=8)))[0] == inside[0]
    assert host.count([text, text, "a b"]) == Echo().count([text, text, "a b"])
    assert len(host.score(page("a"), "b c")) == 2
    assert host.spans(text) == Echo().spans(text)


def test_its_state_is_told(host: Host) -> None:
    assert host.state in ("loading", "ready")
    assert host.wait()
    assert host.state == "ready"
    assert (host.name, host.model, host.context_tokens, host.bos_tokens) == ("echo", "echo", 1000, 0)


def test_many_threads_may_ask(host: Host) -> None:
    said: list[str] = []

    def ask(word: str) -> None:
        said.append(read(host.generate(page(word), Sampling(max_tokens=3)))[0])

    threads = [threading.Thread(target=ask, args=(word,)) for word in ("gulls", "boats", "船")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["boats" * 3, "gulls" * 3, "船" * 3]


def test_closing_the_generator_frees_the_model_for_the_next(host: Host) -> None:
    pieces = host.generate(page("gulls"), ENDLESS)
    assert next(pieces).text == "gulls"
    pieces.close()
    assert read(host.generate(page("boats"), Sampling(max_tokens=1)))[0] == "boats"


def test_a_generation_that_is_stopped_still_tells_its_cost(host: Host) -> None:
    pieces = host.generate(page("gulls rose"), ENDLESS)
    next(pieces)
    with pytest.raises(StopIteration) as end:
        pieces.throw(GeneratorExit())
    assert end.value.value.tokens >= 1


def test_counting_is_possible_while_it_writes(host: Host) -> None:
    pieces = host.generate(page("gulls"), Sampling(max_tokens=2000))
    next(pieces)
    assert host.count(["one two"]) == [2]
    assert len(read(pieces)[0]) == 1999 * len("gulls")


def test_another_thread_may_cancel(host: Host) -> None:
    pieces = host.generate(page("gulls"), ENDLESS)
    next(pieces)
    timer = threading.Timer(0.05, host.cancel)
    timer.start()
    _, usage = read(pieces)
    timer.join()
    assert 0 < usage.tokens < 1_000_000


def test_the_page_interrupts_work_which_goes_on_where_it_was(host: Host) -> None:
    work = host.beside()
    pieces = work.generate(page("gulls rose"), Sampling(max_tokens=20_000))
    text = next(pieces).text
    assert read(host.generate(page("boats"), Sampling(max_tokens=3)))[0] == "boatsboatsboats"
    assert host.count(["one two three"]) == [3]
    rest, usage = read(pieces)
    alone, _ = read(Echo(ECHO).generate(page("gulls rose"), Sampling(max_tokens=20_000)))
    assert text + rest == alone
    assert usage.tokens == 20_000


def test_work_that_the_page_asked_for_is_interrupted_too(host: Host) -> None:
    command = replace(page("gulls"), role="work")
    for pieces in (host.generate(command, ENDLESS), host.alternatives(command, [ENDLESS])):
        next(pieces)
        assert read(host.generate(page("boats"), Sampling(max_tokens=1)))[0] == "boats"
        pieces.close()


def test_the_page_waits_for_no_work_that_waits(host: Host) -> None:
    work = host.beside()
    asked = [work.generate(page("gulls"), Sampling(max_tokens=50_000)) for _ in range(2)]
    done: list[str] = []
    threads = [threading.Thread(target=lambda one=one: done.append(read(one)[0][:5])) for one in asked]
    for thread in threads:
        thread.start()
    until(lambda: host.state == "ready")
    done.append(read(host.generate(page("boats"), Sampling(max_tokens=1)))[0])
    for thread in threads:
        thread.join()
    assert done == ["boats", "gulls", "gulls"]


@pytest.mark.parametrize("side", ["page", "work"])
def test_cancelling_one_side_leaves_the_other_alone(host: Host, side: str) -> None:
    sides = {"page": host, "work": host.beside()}
    other = sides.pop("work" if side == "page" else "page")
    work = sides[side].generate(page("gulls"), ENDLESS)
    next(work)
    if side == "page":  # it is not interrupted by work
        counting = threading.Thread(target=other.count, args=(["one two"],))
        counting.start()
        sides[side].cancel()
        counting.join()
    else:
        kept = other.generate(page("boats"), Sampling(max_tokens=20_000))
        next(kept)
        sides[side].cancel()
        assert len(read(kept)[0]) == 19_999 * len("boats")
    _, usage = read(work)
    assert usage.tokens < 1_000_000
    assert other.count(["one two three"]) == [3]


def test_closing_beside_closes_both(host: Host) -> None:
    host.beside().close()
    with pytest.raises(EngineError):
        host.count(["a"])


def test_a_killed_process_is_one_sentence_and_the_next_request_works(host: Host) -> None:
    pieces = host.generate(page("gulls"), ENDLESS)
    next(pieces)
    os.kill(host.pid, signal.SIGKILL)
    with pytest.raises(DiedError, match=r"your text is safe"):
        read(pieces)
    assert host.state == "failed"
    assert read(host.generate(page("boats"), Sampling(max_tokens=1)))[0] == "boats"
    assert host.state == "ready"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP here")
def test_a_process_that_hangs_is_replaced(host: Host) -> None:
    host.wait()
    hung = host.pid
    os.kill(hung, signal.SIGSTOP)
    timer = threading.Timer(0.05, host.cancel)
    timer.start()
    text, _ = read(host.generate(page("gulls"), ENDLESS))
    timer.join()
    assert text == ""
    assert read(host.generate(page("boats"), Sampling(max_tokens=1)))[0] == "boats"
    assert host.pid != hung
    assert not psutil.pid_exists(hung)


def test_an_engine_that_is_not_there_is_told_to_everyone_who_asks() -> None:
    with Host(EngineSpec("abacus", "", "beads")) as host:
        for _ in range(2):
            with pytest.raises(ModelError, match="abacus"):
                host.count(["a"])
        with pytest.raises(ModelError, match="abacus"):
            host.wait()
        assert host.state == "failed"


def test_closing_ends_process_and_threads() -> None:
    before = threading.active_count()
    host = Host(ECHO)
    pid = host.pid
    host.close()
    host.close()
    assert not psutil.pid_exists(pid)
    assert threading.active_count() == before
    with pytest.raises(EngineError):
        host.count(["a"])


HOLDER = """
import sys, time
from writer.engines import EngineSpec
from writer.engines.host import Host
host = Host(EngineSpec("echo", "", "echo"))
host.wait()
print(host.pid, flush=True)
{then}
"""


@pytest.mark.parametrize("then", ["sys.exit()", "time.sleep(600)"])
def test_no_orphan_is_left(then: str) -> None:
    writer = subprocess.Popen([sys.executable, "-c", HOLDER.format(then=then)], stdout=subprocess.PIPE)
    assert writer.stdout
    pid = int(writer.stdout.readline())
    if "sleep" in then:
        writer.kill()
    writer.wait()
    writer.stdout.close()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_what_a_library_prints_never_reaches_the_pipe() -> None:
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; from writer.engines import child\nout = child._take_pipes()[1]\n"
            "print('noise', flush=True); os.write(1, b'noise'); out.write(b'frame'); out.flush()",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert child.stdout == b"frame"
    assert child.stderr.count(b"noise") == 2


def test_the_window_side_imports_no_model_library() -> None:
    code = (
        "import sys; from writer import models\n"
        "from writer.engines import EngineSpec; from writer.engines.host import Host\n"
        "Host(EngineSpec('echo', '', 'echo')).close(); models.has_gpu(); models.catalogue()\n"
        "print({'torch', 'transformers', 'xllamacpp', 'gguf', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"
    assert done.stderr == ""


def test_alternatives_and_attention_travel(host: Host) -> None:
    samplings = [Sampling(max_tokens=3), Sampling(max_tokens=5)]
    assert list(host.alternatives(page("The gulls"), samplings)) == list(
        Echo().alternatives(page("The gulls"), samplings)
    )
    assert host.attention(page("a", "b"), "c") == [0.5, 0.5]
    pieces = host.alternatives(page("The gulls"), [ENDLESS])
    next(pieces)
    pieces.close()
    assert read(host.generate(page("The boats"), Sampling(max_tokens=2)))[0]


@pytest.mark.model
def test_alternatives_read_the_prompt_once(english) -> None:
    prompt = page("The gulls rose over the harbour as the boat came in, and nobody on the quay looked up.")
    read(english.generate(prompt, Sampling(max_tokens=1)))
    texts = ["", "", ""]
    for number, piece in english.alternatives(prompt, [Sampling(max_tokens=6, seed=seed + 1) for seed in range(3)]):
        texts[number] += piece.text
    assert all(texts)
    _, usage = read(english.generate(prompt, Sampling(max_tokens=1)))
    assert usage.prefilled_tokens == 1
    with pytest.raises(EngineError, match="transformers"):
        english.attention(prompt, "x")


@pytest.mark.model
@pytest.mark.parametrize("engine", ["llamacpp", "transformers"])
def test_interrupted_work_says_the_same_and_is_in_nobodys_way(engine: str) -> None:
    # What comes next is sure enough that no rounding changes it: the page's tokens are added up with those of work.
    prompt = replace(page(" ".join(str(number) for number in range(1, 30))), role="work")
    greedy = Sampling(max_tokens=60, temperature=0, repetition_penalty=1.0, may_end=False)
    with Host(EngineSpec(engine, str(models.find("smollm2-135m")), "smollm2-135m", 2048, threads=1)) as host:
        alone, _ = read(host.generate(prompt, greedy))
        for more in (greedy, replace(greedy, banned=("zyzzyva",))):
            pieces = host.beside().generate(prompt, more)
            text = next(pieces).text
            for typed in ("The gulls rose over", "The gulls rose over the harbour"):
                assert read(host.generate(page(typed), replace(greedy, max_tokens=2)))[0]
                text += next(pieces).text
            _, read_again = read(host.generate(page("The gulls rose over the harbour"), replace(greedy, max_tokens=1)))
            assert read_again.prefilled_tokens == 1
            rest, usage = read(pieces)
            assert text + rest == alone
            assert usage.tokens >= 55
