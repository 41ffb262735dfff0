"""Hugging Face folders, and GGUF where llama.cpp is absent, on torch: CUDA, Apple or CPU.

The decode loop is our own, because the cache outlives a generation: the tokens of
the next prompt are compared with those in the cache and only the rest is read.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["TQDM_DISABLE"] = "1"

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import DynamicCache

from writer.engines import EngineSpec, Piece, Sampling, Usage, default_threads
from writer.engines.answer import Answer
from writer.engines.beams import Search
from writer.engines.chat import lay_out, unmarked
from writer.engines.loading import choose_device, ends_of, folder_of, load, told, told_while_working
from writer.engines.vocabulary import Vocabulary
from writer.engines.wording import LEAD, LIKELIEST, Wordings
from writer.errors import EngineError
from writer.i18n import _
from writer.story import Part, Prompt, Turn

_CHUNK_SECONDS = 0.1
_CHUNKS = (16, 1024)
_SCORED = 256
_PICKED = 32
_STATES = ("keys", "values")


class Transformers:
    """A causal language model whose cache keeps the last prompt of each role: only what changed is read again."""

    name = "transformers"

    def __init__(self, spec: EngineSpec, tell: Callable[[str], None] = lambda _note: None) -> None:
        self.model = spec.model
        torch.set_num_threads(spec.threads or default_threads())
        self._device, self._dtype = choose_device()
        with told(spec.model):
            folder = folder_of(Path(spec.path), self._dtype, tell)
            self._tokenizer, self._template, self._model = load(folder, self._device, self._dtype)
        config = self._model.config.get_text_config()
        trained: int = getattr(config, "max_position_embeddings", None) or 1 << 20
        self.context_tokens = min(trained, spec.context_tokens or trained)
        added = self._tokenizer.encode("", add_special_tokens=True).ids
        self._bos: list[int] = [token for token in added[:1] if token == config.bos_token_id]
        self.bos_tokens = len(self._bos)
        self._tokenizer.encode_special_tokens = True  # "<|im_end|>" in a novel is text
        self._vocabulary = Vocabulary(self._tokenizer)
        self._wordings = Wordings(spec)
        self._ends = ends_of(self._tokenizer, self._model)
        self._chunk = 64
        self._cache = DynamicCache()
        self._cached: list[int] = []
        self._role = "page"
        self._others: dict[str, tuple[DynamicCache, list[int]]] = {}

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation; an empty piece means that a chunk of the prompt has been read.

        Stopped early, it still returns what it cost.
        """
        if sampling.grammar:
            raise EngineError(_("The engine transformers can't keep to a grammar; choose the engine llamacpp."))
        started = time.perf_counter()
        self._serve(prompt.role)
        ids = self._ids(prompt.read)
        room = self._room(ids)
        prompted, tokens, first = len(ids), 0, 0.0
        with told_while_working(), suppress(GeneratorExit):
            self._keep(ids)
            kept = len(self._cached)
            while len(self._cached) < prompted - 1:
                self._prefill_chunk(ids[:-1])
                yield Piece("", 0)
                self._serve(prompt.role)  # whoever took the piece may have asked for something else before it went on
            sampling = replace(sampling, max_tokens=min(sampling.max_tokens, room))
            write = self._search if sampling.beams > 1 else self._draw
            for piece in write(self._answer(ids, sampling, prompt), sampling):
                first = first or time.perf_counter() - started
                tokens += piece.tokens
                yield piece
                self._serve(prompt.role)
        self._serve(prompt.role)
        prefilled = min(prompted, len(self._cached)) - kept
        return Usage(prompted, prefilled, tokens, first * 1000, (time.perf_counter() - started) * 1000)

    def chat(self, turns: Sequence[Turn]) -> Prompt:
        """What the model reads before it answers; a base model, which has no template, gets plain text."""
        if not self._template:
            return Prompt(unmarked(turns), role="work")
        bos = self._tokenizer.id_to_token(self._bos[0]) if self._bos else ""
        return Prompt(lay_out(self._template, turns, bos=bos), role="work")

    def alternatives(self, prompt: Prompt, samplings: Sequence[Sampling]) -> Generator[tuple[int, Piece], None, None]:
        """Yield pieces of several continuations with the number of each; they share one reading of the prompt.

        Written side by side, except where phrases are banned (going back would tear them apart) or beams searched.
        """
        if any(sampling.banned or sampling.beams > 1 for sampling in samplings):
            for number, sampling in enumerate(samplings):
                for piece in self.generate(prompt, sampling):
                    yield number, piece
            return
        self._serve(prompt.role)
        ids = self._ids(prompt.read)
        room = self._room(ids)
        with told_while_working(), suppress(GeneratorExit):
            self._keep(ids)
            while len(self._cached) < len(ids) - 1:
                self._prefill_chunk(ids[:-1])
                yield 0, Piece("", 0)
                self._serve(prompt.role)
            answers = [
                self._answer(ids, replace(sampling, max_tokens=min(sampling.max_tokens, room)), prompt)
                for sampling in samplings
            ]
            beside = self._copies(len(answers))
            while not all(answer.done for answer in answers):
                logits = self._read([answer.ids[-1:] for answer in answers], beside, keep=1)[:, -1]
                for number, answer in enumerate(answers):
                    if not answer.done:
                        yield number, answer.take(logits[number])

    def _copies(self, count: int) -> DynamicCache:
        """The cache as often as this, one beside the other; it itself stays as it is."""
        beside = copy.deepcopy(self._cache)
        beside.batch_repeat_interleave(count)
        return beside

    def _draw(self, answer: Answer, _sampling: Sampling) -> Iterator[Piece]:
        """Token after token."""
        while not answer.done:
            self._keep(answer.ids)
            yield answer.take(self._forward(answer.ids[len(self._cached) :], keep=1)[-1])

    def _search(self, answer: Answer, sampling: Sampling) -> Iterator[Piece]:
        """The likeliest text as one piece, behind an empty piece for each token."""
        search = Search(sampling.beams, self._ends)
        beside = self._copies(1)
        for _step in range(sampling.max_tokens):
            if search.is_over:
                break
            rows = [[(answer.ids[-1], *beam.tokens)[-1]] for beam in search.beams]
            logits = self._read(rows, beside, keep=1)[:, -1]
            allowed = [answer.restricted(row, beam.tokens) for row, beam in zip(logits, search.beams, strict=True)]
            beside.batch_select_indices(torch.tensor(search.widen(torch.stack(allowed)), device=self._device))
            yield Piece("", 1)
        yield Piece(answer.written(search.found.tokens), 0)

    def _answer(self, ids: list[int], sampling: Sampling, prompt: Prompt) -> Answer:
        leaning = self._leaning(prompt)
        return Answer(self._vocabulary, self._ends, ids, sampling, prompt.begun, self._device, leaning)

    def _leaning(self, prompt: Prompt) -> Tensor | None:
        """What is added to the logits, shape (vocabulary,), if the wording was learned."""
        pairs = self._wordings.leaning(prompt.wording)
        if not pairs:
            return None
        tokens, much = zip(*pairs, strict=True)
        size = self._model.config.get_text_config().vocab_size
        return torch.zeros(size, device=self._device).index_put(
            (torch.tensor(tokens, device=self._device),), torch.tensor(much, device=self._device)
        )

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself."""
        return [len(ids) for ids in self._tokenize(texts)]

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text`` behind ``prompt``.

        Read in pieces of one size, whatever they take: rounding in bfloat16 depends on how a text is cut.
        """
        self._serve(prompt.role)
        before = self._ids(prompt.parts)
        (wanted,) = self._tokenize([text])
        ids = before + wanted
        self._room(ids)
        scores: list[float] = []
        leaning = self._leaning(prompt)
        with told_while_working():
            self._keep(before)
            for at in range(len(self._cached), len(before) - 1, _CHUNKS[1]):
                self._forward(before[at : min(at + _CHUNKS[1], len(before) - 1)], keep=1)
            while len(self._cached) < len(ids) - 1:
                at = len(self._cached)
                chunk = ids[at : min(at + _SCORED, len(ids) - 1)]
                logits = self._forward(chunk, keep=0)
                if leaning is not None:
                    logits = logits + leaning
                scores += _pick(logits, ids[at + 1 : at + 1 + len(chunk)])
        return scores

    def ids(self, text: str) -> list[int]:
        """The tokens of a text by itself."""
        return self._tokenize([text])[0]

    @torch.inference_mode()
    def expected(self, ids: Sequence[int]) -> Generator[dict[int, float], None, None]:
        """The likeliest tokens and their probabilities at each place of a passage behind its lead."""
        if len(ids) <= LEAD:
            return
        inputs = torch.tensor([[*self._bos, *ids]], device=self._device)
        with told_while_working():
            logits = self._model(input_ids=inputs, use_cache=False, logits_to_keep=len(ids) - LEAD + 1).logits[0, :-1]
        likely = torch.softmax(logits.float(), -1).topk(min(LIKELIEST, logits.shape[-1]))
        for much, tokens in zip(likely.values.tolist(), likely.indices.tolist(), strict=True):
            yield dict(zip(tokens, much, strict=True))

    def learn(self, key: str, texts: Sequence[str], opening: Sequence[str]) -> Generator[Piece, None, None]:
        """Learn under a key how a book chooses its words; yields an empty piece at each step."""
        for _step in self._wordings.learn(self, key, texts, opening):
            yield Piece("", 0)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Which characters each token of ``text`` stands for; the bytes of one character all have it."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [(start, end) for start, end in encoding.offsets]

    @torch.inference_mode()
    def attention(self, prompt: Prompt, text: str) -> list[float]:
        """How much the model looks at each part of the prompt while it reads ``text`` behind it.

        Shares of its attention, averaged over layers, heads and tokens; what is missing to 1 goes to the text itself
        and to tokens in front. Weak evidence of what caused a word: it is no explanation (Jain and Wallace 2019).
        """
        self._serve(prompt.role)
        parts = self._tokenize([part.text for part in prompt.parts])
        ends = list(accumulate((len(part) for part in parts), initial=len(self._bos)))
        before = self._ids(prompt.parts)
        (wanted,) = self._tokenize([text])
        self._room(before + wanted)
        if not wanted:
            return [0.0] * len(parts)
        looks = torch.zeros(len(before) + len(wanted), device=self._device)
        usual = self._model.config._attn_implementation
        with told_while_working():
            self._keep([*before, wanted[0]])
            while len(self._cached) < len(before):
                self._prefill_chunk(before)
            self._model.set_attn_implementation("eager")  # the fast ones don't tell
            try:
                inputs = torch.tensor([wanted], device=self._device)
                output = self._model(
                    input_ids=inputs, past_key_values=self._copies(1), output_attentions=True, logits_to_keep=1
                )
            finally:
                self._model.set_attn_implementation(usual)
        for layer in output.attentions:
            seen = layer[0].float().mean(dim=(0, 1))
            looks[-len(seen) :] += seen / len(output.attentions)  # a sliding window sees only the end
        return [float(looks[start:end].sum()) for start, end in pairwise(ends)]

    def tokens(self, prompt: Prompt) -> list[int]:
        """What is read for a prompt before it is continued."""
        return self._ids(prompt.read)

    def held(self, role: str) -> list[int]:
        """The tokens in the cache for a role."""
        return self._cached if role == self._role else self._others.get(role, (None, []))[1]

    def keep(self, path: Path, role: str) -> None:
        """Write a role's cache to a safetensors file."""
        self._serve(role)
        layers = enumerate(self._cache.layers)
        states = {f"{name}{at}": getattr(layer, name).contiguous() for at, layer in layers for name in _STATES}
        save_file(states, path)

    def take_up(self, path: Path, tokens: Sequence[int], role: str) -> None:
        """Put a file that holds these tokens in the place of a role's cache."""
        self._serve(role)
        self._forget()
        states = load_file(path, device=str(self._device))
        layers = [tuple(states[f"{name}{at}"] for name in _STATES) for at in range(len(states) // len(_STATES))]
        if any(state.shape[-2] != len(tokens) or state.dtype != self._dtype for state in states.values()):
            raise EngineError(_("The model could not continue ({reason}); try again.").format(reason=path.name))
        self._cache = DynamicCache(layers)
        self._cached = list(tokens)

    def close(self) -> None:
        """Free the model."""
        self._forget()
        self._others.clear()
        self._model = None

    def _ids(self, read: Sequence[Part]) -> list[int]:
        """The tokens of what is read: each part by itself, so that an edit in one leaves the others as they are."""
        parts = [
            self._control(part.text) if part.kind == "control" else self._tokenize([part.text])[0] for part in read
        ]
        ids = [token for part in parts for token in part]
        return self._bos + (ids or self._tokenize(["\n"])[0])

    def _control(self, text: str) -> list[int]:
        """Token ids of what the model's template laid out around a text."""
        self._tokenizer.encode_special_tokens = False
        try:
            return list(self._tokenizer.encode(text, add_special_tokens=False).ids)
        finally:
            self._tokenizer.encode_special_tokens = True

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def _room(self, ids: list[int]) -> int:
        room = self.context_tokens - len(ids)
        if room < 1:
            raise EngineError(
                _("The text is longer than the {limit} tokens that this model reads; lower the budget.").format(
                    limit=self.context_tokens
                )
            )
        return room

    # --- the cache: `_cached` are the tokens whose keys and values it holds

    def _serve(self, role: str) -> None:
        """Take up what was read for this role."""
        self._others[self._role] = (self._cache, self._cached)
        self._role = role
        self._cache, self._cached = self._others.pop(role, (DynamicCache(), []))

    def _forget(self) -> None:
        self._cache = DynamicCache()  # without the config: a sliding window could not be cut back
        self._cached = []

    def _keep(self, ids: list[int]) -> None:
        """Cut the cache back to what it shares with these tokens, all but the last."""
        same = 0
        for cached, wanted in zip(self._cached, ids[:-1], strict=False):
            if cached != wanted:
                break
            same += 1
        surplus = len(self._cached) - same
        if same == 0 or self._cache.get_seq_length() != len(self._cached):
            self._forget()
        elif surplus:
            self._cache.crop(-surplus)
            self._cached = self._cached[:same]

    def _prefill_chunk(self, ids: list[int]) -> None:
        """Read the next tokens, as many as take about a tenth of a second."""
        at = len(self._cached)
        started = time.perf_counter()
        chunk = ids[at : at + self._chunk]
        self._forward(chunk, keep=1)
        took = time.perf_counter() - started
        if len(chunk) == self._chunk:
            self._chunk = self._chunk * 2 if took < _CHUNK_SECONDS / 2 else self._chunk
            self._chunk = self._chunk // 2 if took > _CHUNK_SECONDS * 1.5 else self._chunk
            self._chunk = min(max(self._chunk, _CHUNKS[0]), _CHUNKS[1])

    def _forward(self, ids: list[int], keep: int) -> Tensor:
        """Logits of the last ``keep`` tokens (0: all), float32, shape (tokens, vocabulary); fills the cache."""
        try:
            logits = self._read([ids], self._cache, keep)[0]
        except BaseException:
            self._forget()  # some layers may have been filled and others not
            raise
        self._cached += ids
        return logits

    @torch.inference_mode()
    def _read(self, rows: list[list[int]], cache: DynamicCache, keep: int) -> Tensor:
        """Logits of the last ``keep`` tokens of each row, shape (rows, tokens, vocabulary)."""
        inputs = torch.tensor(rows, device=self._device)
        output = self._model(input_ids=inputs, past_key_values=cache, use_cache=True, logits_to_keep=keep)
        logits: Tensor = output.logits.float()
        return logits


def _pick(logits: Tensor, ids: list[int]) -> list[float]:
    """Log-probability of each row's own token; rows before the wanted ones are left out by the caller."""
    wanted = torch.tensor(ids, device=logits.device).unsqueeze(1)
    picked: list[float] = []
    for at in range(0, len(ids), _PICKED):  # all at once take much memory
        rows = slice(at, at + _PICKED)
        picked += torch.log_softmax(logits[rows], -1).gather(1, wanted[rows]).squeeze(1).tolist()
    return picked
