"""Hugging Face folders, and GGUF where llama.cpp is absent, on torch: CUDA, Apple or CPU.

The decode loop is our own, because the cache outlives a generation: the tokens of
the next prompt are compared with those in the cache and only the rest is read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["TQDM_DISABLE"] = "1"

import torch
import transformers
from safetensors.torch import save_file
from tokenizers.decoders import DecodeStream
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, DynamicCache
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

from writer import files
from writer.engines import EngineSpec, Piece, Sampling, Usage, default_threads
from writer.engines.gate import Gate, Ngrams, Rewind
from writer.engines.sampler import Sampler
from writer.engines.vocabulary import Vocabulary
from writer.errors import EngineError, ModelError, WriterError
from writer.i18n import _
from writer.story import Part, Prompt

_CHUNK_SECONDS = 0.1
_CHUNKS = (16, 1024)
_SCORED = 64
_SAFELY: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_ENDS = ("<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<end_of_turn>", "<eos>", "</s>")


transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


class Transformers:
    """A causal language model whose cache keeps the last prompt of each role: only what changed is read again."""

    name = "transformers"

    def __init__(self, spec: EngineSpec, tell: Callable[[str], None] = lambda _note: None) -> None:
        self.model = spec.model
        torch.set_num_threads(spec.threads or default_threads())
        self._device, self._dtype = choose_device()
        with _told(spec.model):
            folder = _folder(Path(spec.path), self._dtype, tell)
            self._tokenizer, self._model = _load(folder, self._device, self._dtype)
        config = self._model.config.get_text_config()
        trained: int = getattr(config, "max_position_embeddings", None) or 1 << 20
        self.context_tokens = min(trained, spec.context_tokens or trained)
        added = self._tokenizer.encode("", add_special_tokens=True).ids
        self._bos: list[int] = [token for token in added[:1] if token == config.bos_token_id]
        self.bos_tokens = len(self._bos)
        self._tokenizer.encode_special_tokens = True  # "<|im_end|>" in a novel is text
        self._vocabulary = Vocabulary(self._tokenizer)
        self._ends = _ends(self._tokenizer, self._model)
        self._chunk = 64
        self._cache = DynamicCache()
        self._cached: list[int] = []
        self._role = "page"
        self._others: dict[str, tuple[DynamicCache, list[int]]] = {}

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation; an empty piece means that a chunk of the prompt has been read.

        Stopped early, it still returns what it cost.
        """
        started = time.perf_counter()
        self._serve(prompt.role)
        ids = self._ids(prompt.read)
        room = self._room(ids)
        prompted, tokens, first = len(ids), 0, 0.0
        with _told_while_working(), suppress(GeneratorExit):
            self._keep(ids)
            kept = len(self._cached)
            while len(self._cached) < prompted - 1:
                self._prefill_chunk(ids[:-1])
                yield Piece("", 0)
            for piece in self._decode(ids, sampling, min(sampling.max_tokens, room), prompt.begun):
                first = first or time.perf_counter() - started
                tokens += piece.tokens
                yield piece
        prefilled = min(prompted, len(self._cached)) - kept
        return Usage(prompted, prefilled, tokens, first * 1000, (time.perf_counter() - started) * 1000)

    def _decode(self, ids: list[int], sampling: Sampling, most: int, begun: str = "") -> Iterator[Piece]:
        """Write up to ``most`` tokens behind ``ids``, of which all but the last are in the cache."""
        prompted = len(ids)
        gate = Gate(sampling.stop, sampling.banned, begun)
        sampler = Sampler(sampling, self._breakers(sampling), self._device)
        ngrams = Ngrams(ids, sampling.no_repeat_ngram)
        text = _Text(self._tokenizer, ids)
        ended = False
        while True:
            ended = ended or gate.stopped or len(gate.tokens) >= most
            if ended:
                if isinstance(rest := gate.finish(), str):
                    if rest:
                        yield Piece(rest, 0)
                    return
                rewind: Rewind | None = rest
            else:
                banned = {*gate.refused, *ngrams.repeating, *(() if sampling.may_end else self._ends)}
                missing = begun.encode()[self._vocabulary.length(gate.tokens) :] if gate.missing else b""
                fitting = self._vocabulary.leading_to(missing) if missing else ()
                choice = sampler.draw(self._logits(ids), ids, sorted(banned), fitting)
                if ended := choice.token in self._ends:
                    continue
                ids.append(choice.token)
                ngrams.add(choice.token)
                rewind = gate.add(choice.token, text.add(choice.token))
            if rewind is not None:
                gate.refuse(rewind)
                del ids[prompted + rewind.index :]
                ngrams = Ngrams(ids, sampling.no_repeat_ngram)
                text = _Text(self._tokenizer, ids)
                ended = False
                yield Piece("", 0)
            else:
                told = tuple((self._tokenizer.decode([token]), logprob) for token, logprob in choice.alternatives)
                yield Piece(gate.release(), 1, choice.logprob, told)

    def _logits(self, ids: list[int]) -> Tensor:
        """Logits behind ``ids``; whatever of them is not in the cache is read."""
        self._keep(ids)
        return self._forward(ids[len(self._cached) :], keep=1)[-1]

    def _breakers(self, sampling: Sampling) -> frozenset[int]:
        """Tokens over which DRY sees no repetition."""
        return self._vocabulary.having_any(sampling.dry_breakers) if sampling.dry_multiplier > 0 else frozenset()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself."""
        return [len(ids) for ids in self._tokenize(texts)]

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text`` behind ``prompt``."""
        self._serve(prompt.role)
        before = self._ids(prompt.parts)
        (wanted,) = self._tokenize([text])
        ids = before + wanted
        self._room(ids)
        scores: list[float] = []
        with _told_while_working():
            self._keep(before)
            while len(self._cached) < len(before) - 1:
                self._prefill_chunk(before[:-1])
            while len(self._cached) < len(ids) - 1:
                at = len(self._cached)
                chunk = ids[at : min(at + _SCORED, len(ids) - 1)]
                logits = self._forward(chunk, keep=0)
                scores += _pick(logits, ids[at + 1 : at + 1 + len(chunk)])
        return scores

    def close(self) -> None:
        """Free the model."""
        self._forget()
        self._others.clear()
        self._model = None

    def _ids(self, read: Sequence[Part]) -> list[int]:
        """The tokens of what is read: each part by itself, so that an edit in one leaves the others as they are."""
        parts = self._tokenize([part.text for part in read])
        ids = [token for part in parts for token in part]
        return self._bos + (ids or self._tokenize(["\n"])[0])

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

    @torch.inference_mode()
    def _forward(self, ids: list[int], keep: int) -> Tensor:
        """Logits of the last ``keep`` tokens (0: all), float32, shape (tokens, vocabulary); fills the cache."""
        inputs = torch.tensor([ids], device=self._device)
        try:
            output = self._model(input_ids=inputs, past_key_values=self._cache, use_cache=True, logits_to_keep=keep)
        except BaseException:
            self._forget()  # some layers may have been filled and others not
            raise
        self._cached += ids
        logits: Tensor = output.logits[0].float()
        return logits


def _pick(logits: Tensor, ids: list[int]) -> list[float]:
    """Log-probability of each row's own token; rows before the wanted ones are left out by the caller."""
    wanted = torch.tensor(ids, device=logits.device).unsqueeze(1)
    picked: list[float] = torch.log_softmax(logits, -1).gather(1, wanted).squeeze(1).tolist()
    return picked


# --- text out of tokens


class _Text:
    """Turns tokens into whole characters, joined to what stands before."""

    def __init__(self, tokenizer: Any, before: Sequence[int]) -> None:
        self._tokenizer = tokenizer
        self._stream = DecodeStream(ids=list(before[-8:]), skip_special_tokens=True)

    def add(self, token: int) -> str:
        """The text that is certain after this token."""
        # Half a character that nothing completes comes out as U+FFFD: no one wants to read that.
        return (self._stream.step(self._tokenizer, token) or "").replace("\ufffd", "")


# --- loading


def choose_device() -> tuple[torch.device, torch.dtype]:
    """The fastest device here and the number format that suits it."""
    if torch.cuda.is_available():
        return torch.device("cuda"), torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return torch.device("mps"), torch.float16
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.device("cpu"), torch.bfloat16 if fast else torch.float32


def _load(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, Any]:
    """The tokenizer (of the tokenizers library) and the model, from a folder of safetensors."""
    tokenizer = AutoTokenizer.from_pretrained(folder, **_SAFELY)
    model: Any
    report: Any
    model, report = AutoModelForCausalLM.from_pretrained(  # type: ignore[misc]
        folder, dtype=dtype, use_safetensors=True, output_loading_info=True, **_SAFELY
    )
    if missing := report["missing_keys"]:
        raise ValueError(f"weights missing: {sorted(missing)[:3]}")  # they would be random numbers
    return tokenizer.backend_tokenizer, model.to(device).eval()


def _folder(path: Path, dtype: torch.dtype, tell: Callable[[str], None]) -> Path:
    """The folder to load; a GGUF file is unpacked once, which takes five times as long as loading it then."""
    if path.is_dir():
        return path
    status = path.stat()
    mark = f"{path.resolve()} {status.st_size} {status.st_mtime_ns} {dtype} {transformers.__version__}"
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    folder = files.cache_folder() / "dequantised" / f"{path.stem}-{place}"
    if (folder / "mark").is_file() and (folder / "mark").read_text("utf-8") == mark:
        return folder
    tell(_("Preparing {name} for its first use").format(name=path.stem))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent) as part:
        _dequantise(path, dtype, Path(part) / "model")
        (Path(part) / "model" / "mark").write_text(mark, "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another process was quicker
            os.replace(Path(part) / "model", folder)
    return folder


def _dequantise(path: Path, dtype: torch.dtype, target: Path) -> None:
    """Write a GGUF model as a Hugging Face folder."""
    source: dict[str, Any] = {"gguf_file": path.name, **_SAFELY}
    config = AutoConfig.from_pretrained(path.parent, **source)
    with torch.device("meta"):
        skeleton = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    read = load_gguf_checkpoint(  # type: ignore[no-untyped-call]
        str(path), return_tensors=True, model_to_load=skeleton, torch_dtype=dtype
    )
    AutoTokenizer.from_pretrained(path.parent, **source).save_pretrained(target)
    config.save_pretrained(target)
    whole = {name: tensor.to(dtype).contiguous() for name, tensor in read["tensors"].items()}
    save_file(whole, target / "model.safetensors", metadata={"format": "pt"})


def _ends(tokenizer: Any, model: Any) -> frozenset[int]:
    """Tokens that end a text."""
    configured = [model.generation_config.eos_token_id, model.config.get_text_config().eos_token_id]
    ends = {token for entry in configured for token in (entry if isinstance(entry, list) else [entry])}
    ends |= {tokenizer.token_to_id(name) for name in _ENDS}
    return frozenset(token for token in ends if token is not None)


@contextmanager
def _told(model: str) -> Generator[None, None, None]:
    """Turn whatever a library says of a bad model into one sentence; keep its warnings to ourselves."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except WriterError:
        raise
    except Exception as error:
        if _out_of_memory(error):
            raise ModelError(
                _("{name} needs more memory than is free; choose a smaller model in Models.").format(name=model)
            ) from error
        raise ModelError(
            _("The model {name} could not be loaded; it may be damaged, fetch it again or choose another.").format(
                name=model
            )
        ) from error


@contextmanager
def _told_while_working() -> Generator[None, None, None]:
    try:
        yield
    except RuntimeError as error:
        if not _out_of_memory(error):
            raise
        raise EngineError(
            _("The model ran out of memory; choose a smaller one in Models or lower the budget.")
        ) from error


def _out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "not enough memory" in str(error)
