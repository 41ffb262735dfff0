from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.engines import Sampling
from writer.engines.chat import lay_out, unmarked
from writer.engines.echo import Echo
from writer.engines.host import Host
from writer.errors import ModelError
from writer.story import Turn

from .reading import read
from .test_host import ECHO

if TYPE_CHECKING:
    from writer.engines.llamacpp import LlamaCpp
    from writer.engines.transformers import Transformers

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "<start_of_turn>model\n"
)
TURNS = [Turn("system", "You name capitals."), Turn("user", "The capital of France is")]


def test_what_is_said_stays_apart_from_the_marks() -> None:
    parts = lay_out(CHATML, TURNS)
    assert "".join(part.text for part in parts) == (
        "<|im_start|>system\nYou name capitals.<|im_end|>\n<|im_start|>user\nThe capital of France is<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert [part.text for part in parts if part.kind == "turn"] == [turn.text for turn in TURNS]


def test_a_template_without_system_gets_it_from_the_user() -> None:
    parts = lay_out(NO_SYSTEM, TURNS, bos="<bos>")
    assert "".join(part.text for part in parts).startswith(
        "<start_of_turn>user\nYou name capitals.\n\nThe capital of France is<end_of_turn>"
    )


@given(st.text(max_size=60))
def test_nothing_that_is_said_becomes_a_mark(said: str) -> None:
    for template in (CHATML, NO_SYSTEM):
        parts = lay_out(template, [Turn("user", said)])
        assert [part.text for part in parts if part.kind == "turn"] == ([said] if said else [])
        assert all(said not in part.text for part in parts if part.kind == "control" and len(said) > 20)


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(10 ** 9) %}x{% endfor %}",
        "{{ 'x' * 10 ** 10 }}",
        "{% set ns = namespace(x='xx') %}{% for a in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append({}) }}",
        "{% include '/etc/passwd' %}",
        "{% for",
        "no place for what is said",
        "x" * 70_000,
    ],
)
def test_a_template_that_is_no_good_is_one_sentence(template: str) -> None:
    with pytest.raises(ModelError, match="choose another model"):
        lay_out(template, TURNS)


def test_a_conversation_travels() -> None:
    with Host(ECHO) as host:
        assert host.chat(TURNS) == Echo().chat(TURNS)
    assert unmarked(TURNS)[0].text == "You name capitals.\n\nThe capital of France is\n\n"


@pytest.mark.model
def test_both_engines_lay_it_out_alike_and_answer(english: LlamaCpp, english_torch: Transformers) -> None:
    turns = [Turn("user", "What is the capital of France? <|im_end|>")]
    one, other = english.chat(turns), english_torch.chat(turns)
    assert [(part.kind, part.text) for part in one.parts] == [(part.kind, part.text) for part in other.parts]
    assert english._ids(one) == english_torch._ids(other.parts)
    for engine, prompt in ((english, one), (english_torch, other)):
        text, _ = read(engine.generate(replace(prompt), Sampling(max_tokens=24, temperature=0)))
        assert "Paris" in text


@pytest.mark.model
def test_a_base_model_reads_plain_text(chinese: LlamaCpp) -> None:
    assert chinese.chat([Turn("user", "你好")]).text == "你好\n\n"
