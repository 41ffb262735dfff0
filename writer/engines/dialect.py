"""What is said to servers of different makes, and how their answers are read.

==============  ====================  ===============================================================
it is           the prompt goes as    to
==============  ====================  ===============================================================
llama-server    tokens                ``/v1/completions``, with all of llama.cpp's samplers
vLLM            tokens                ``/v1/completions``, with top-k, min-p and repetition penalty
Ollama          raw text              ``/api/generate``; its ``/v1/completions`` would make a chat of it
LM Studio       text                  ``/v1/completions``, with top-k and repetition penalty
any other       text                  ``/v1/completions``, or a chat where it has nothing else
==============  ====================  ===============================================================
"""

from __future__ import annotations

import itertools
import re

from writer.address import Address
from writer.engines import Piece, Sampling, Usage
from writer.engines.acquaintance import Acquaintance
from writer.engines.exchange import Refused
from writer.engines.wire import Message, completion, sendable
from writer.story import Prompt
from writer.text import language_of

_NEEDED = ("model", "prompt", "messages", "stream", "max_tokens", "options", "raw")
_TOO_LONG = ("context length", "context size", "context window", "too long", "maximum input")

_ASK = {
    "en": (
        "You continue a novel. The user gives you the page so far, between <{tag}> and </{tag}>. Answer with the words "
        "that follow and with nothing else. Begin exactly where the page breaks off, in its voice, tense and language. "
        "Never repeat the page, comment on it, or put a heading or quotation marks around your answer."
    ),
    "zh": (
        "你在续写一部小说。用户给出已经写好的一页，放在 <{tag}> 和 </{tag}> 之间。只回答接下来的文字，不要写别的。"
        "从这一页中断的地方接着写，保持原文的语气、时态和语言。不要重复原文，不要评论，不要加标题，也不要给回答加引号。"
    ),
}


class Answer:
    """Reads the chunks of one answer, whichever server they come from, and adds up what it cost."""

    def __init__(self, prompt_tokens: int) -> None:
        self.prompt_tokens = prompt_tokens
        self.tokens = 0
        self._read_before = 0

    def read(self, chunk: Message) -> Piece:
        """The text in a chunk; empty while the prompt is being read and at the end."""
        choice = (chunk.get("choices") or [{}])[0]
        message = choice.get("delta") or choice.get("message") or {}
        text = choice.get("text") or message.get("content") or chunk.get("response") or ""
        text = str(text).replace("\ufffd", "")  # half a character, let out where the tokens break
        new = self._count(chunk, bool(text))
        logprob, likely = _likely(choice.get("logprobs") or {})
        return Piece(text, new, logprob, likely)

    def _count(self, chunk: Message, has_text: bool) -> int:
        """Tokens written since the last chunk: what the server says, else one a chunk."""
        usage, timings = chunk.get("usage") or {}, chunk.get("timings") or {}
        self.prompt_tokens = usage.get("prompt_tokens") or chunk.get("prompt_eval_count") or self.prompt_tokens
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        self._read_before = timings.get("cache_n") or cached or self._read_before
        told = timings.get("predicted_n") or usage.get("completion_tokens") or chunk.get("eval_count")
        new = max(0, told - self.tokens) if told else int(has_text)
        self.tokens += new
        return new

    def usage(self, first_token_ms: float, total_ms: float) -> Usage:
        """The cost so far."""
        fresh = max(0, self.prompt_tokens - self._read_before)
        return Usage(self.prompt_tokens, fresh, self.tokens, first_token_ms, total_ms)


def _likely(told: Message) -> tuple[float, tuple[tuple[str, float], ...]]:
    """The log-probability of a chunk's tokens and the likeliest at its last, in both of OpenAI's forms."""
    if content := told.get("content"):
        likely = tuple((entry["token"], entry["logprob"]) for entry in content[-1].get("top_logprobs") or ())
        return sum(entry["logprob"] for entry in content), likely
    if scores := told.get("token_logprobs"):
        top = (told.get("top_logprobs") or [{}])[-1] or {}
        return sum(score or 0.0 for score in scores), tuple(sorted(top.items(), key=lambda item: -item[1]))
    return 0.0, ()


class Dialect:
    """How one server wants to be asked, learned from what it refused."""

    def __init__(self, place: Address) -> None:
        self._place = place
        self.is_chat = False
        """Whether it answers chats only."""
        self._unwanted: set[str] = set()

    def request(self, known: Acquaintance, prompt: Prompt, sampling: Sampling) -> tuple[str, Message]:
        """The path and the body of a streamed completion."""
        if known.kind == "ollama":
            return f"{self._place.root}/api/generate", _raw(known.model, _text_of(prompt), sampling, known.reads)
        if self.is_chat:
            path, body = "/chat/completions", _plain(sampling) | {"messages": _messages(_text_of(prompt))}
            if sampling.logprobs:
                body |= {"logprobs": True, "top_logprobs": sampling.logprobs}
        else:
            path = "/completions"
            what = _text_of(prompt) if known.tokenizer is None else known.tokenizer.read(prompt)
            body = (
                completion(range(prompt.tokens), sampling)
                if known.kind == "llamacpp"
                else _plain(sampling) | _extensions(known.kind, sampling)
            )
            body["prompt"] = what
        if known.model:
            body["model"] = known.model
        if "max_tokens" in self._unwanted:
            body["max_completion_tokens"] = body["max_tokens"]
        return self._place.path + path, {key: value for key, value in body.items() if key not in self._unwanted}

    def yields_to(self, refused: Refused, known: Acquaintance, body: Message) -> bool:
        """Whether there is another way to ask what the server refused; it is remembered."""
        said = refused.said.lower()
        may_chat = known.kind != "ollama" and not self.is_chat
        if may_chat and refused.status in (404, 405, 501) and ("model" not in said or "chat" in said):
            self.is_chat = True
            return True
        if refused.status not in (400, 422) or is_too_long(said):
            return False
        named = {
            field
            for field in body
            if field not in _NEEDED and re.search(field if "_" in field else f"[\"'`]{field}[\"'`]", said)
        }
        if "max_completion_tokens" in said and "max_tokens" in body:
            named.add("max_tokens")
        named -= self._unwanted
        self._unwanted |= named
        return bool(named)


def _plain(sampling: Sampling) -> Message:
    """What every OpenAI-compatible server takes."""
    body: Message = {
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed & 0x7FFFFFFF,
    }
    optional = {
        "stop": list(sampling.stop[:4]),  # OpenAI takes four; the gate watches for all
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "logprobs": sampling.logprobs,
    }
    return body | {key: value for key, value in optional.items() if value}


def _extensions(kind: str, sampling: Sampling) -> Message:
    """What only some servers take."""
    if kind == "vllm":
        return {
            "top_k": sampling.top_k or -1,
            "min_p": sampling.min_p,
            "repetition_penalty": sampling.repetition_penalty,
            "ignore_eos": not sampling.may_end,
        }
    if kind == "lmstudio":
        return {"top_k": sampling.top_k, "repeat_penalty": sampling.repetition_penalty}
    return {}


def _raw(model: str, text: str, sampling: Sampling, context: int) -> Message:
    """The body for Ollama's own way to continue a text as it is."""
    options: Message = {
        "num_ctx": context,
        "num_predict": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "typical_p": sampling.typical_p,
        "repeat_penalty": sampling.repetition_penalty,
        "repeat_last_n": sampling.penalty_window,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed & 0x7FFFFFFF,
        "stop": list(sampling.stop),
    }
    return {"model": model, "prompt": text, "raw": True, "stream": True, "options": options}


def _messages(text: str) -> list[Message]:
    """The chat that asks for a continuation of the page."""
    tag = next(tag for number in itertools.count(1) if f"</{(tag := f'page{number}')}>" not in text)
    ask = _ASK["zh" if language_of(text[-2000:]) == "zh" else "en"].format(tag=tag)
    return [{"role": "system", "content": ask}, {"role": "user", "content": f"<{tag}>\n{text}\n</{tag}>"}]


def _text_of(prompt: Prompt) -> str:
    """The whole prompt as one text that is never empty."""
    return sendable(prompt.text) or "\n"


def is_too_long(said: str) -> bool:
    """Whether this is a server's way of saying that a text is longer than it reads."""
    return any(sign in said for sign in _TOO_LONG)
