from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.engines import Piece, Sampling
from writer.engines.wire import (
    Completion,
    completion,
    pack_piece,
    pack_prompt,
    pack_sampling,
    receive,
    send,
    unpack_piece,
    unpack_prompt,
    unpack_sampling,
)
from writer.story import Part, Prompt


@given(st.dictionaries(st.text(), st.text()))
def test_a_message_arrives_as_it_was_sent(message: dict[str, str]) -> None:
    pipe = io.BytesIO()
    send(pipe, message)
    send(pipe, {"next": 1})
    pipe.seek(0)
    assert receive(pipe) == message
    assert receive(pipe) == {"next": 1}
    assert receive(pipe) is None


@pytest.mark.parametrize("kept", [0, 3, 4, 9])
def test_half_a_message_means_that_the_other_side_is_gone(kept: int) -> None:
    pipe = io.BytesIO()
    send(pipe, {"piece": "gulls"})
    assert receive(io.BytesIO(pipe.getvalue()[:kept])) is None


@pytest.mark.parametrize("frame", [b"\xff\xff\xff\xff", b"\x02\0\0\0[]", b"\x03\0\0\0{,}"])
def test_nonsense_is_an_error(frame: bytes) -> None:
    with pytest.raises(ValueError, match=r"frame|Expecting"):
        receive(io.BytesIO(frame))


def test_prompt_and_sampling_travel() -> None:
    prompt = Prompt((Part("style", "海鸥\n", 2), Part("page", "The gulls", 3)))
    assert unpack_prompt(pack_prompt(prompt)) == prompt
    sampling = Sampling(seed=7, stop=("。", "\n"))
    assert unpack_sampling(pack_sampling(sampling)) == sampling
    arrived = unpack_sampling(json.loads(json.dumps(pack_sampling(sampling))))
    assert arrived == sampling


@pytest.mark.parametrize("piece", [Piece(" gulls", 2), Piece("鸥", 1, -0.5, (("鸥", -0.5), ("水", -1.5)))])
def test_a_piece_travels(piece: Piece) -> None:
    assert unpack_piece(json.loads(json.dumps(pack_piece(piece)))) == piece


def test_the_seed_that_means_a_random_one_is_never_sent() -> None:
    assert completion([1], Sampling(seed=0xFFFFFFFF))["seed"] != 0xFFFFFFFF


def test_chunks_add_up_to_the_cost() -> None:
    reader = Completion(14)
    chunks = [
        {"choices": [{"text": ""}], "timings": {"cache_n": 10, "prompt_n": 0, "predicted_n": 0}},
        {"choices": [{"text": " gulls"}], "timings": {"cache_n": 10, "prompt_n": 4, "predicted_n": 1}},
        {"choices": [{"text": "鸥"}], "timings": {"cache_n": 10, "prompt_n": 4, "predicted_n": 3}},
        {"choices": [{"text": "\ufffd"}]},
    ]
    pieces = [reader.read(chunk) for chunk in chunks]
    assert [(piece.text, piece.tokens) for piece in pieces] == [("", 0), (" gulls", 1), ("鸥", 2), ("", 0)]
    usage = reader.usage(1.0, 2.0)
    assert (usage.prompt_tokens, usage.prefilled_tokens, usage.tokens) == (14, 4, 3)
