"""From a file on the disk to a model in memory: where it runs, in which number format, and what may go wrong."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from writer import files
from writer.engines.spared import import_transformers
from writer.errors import EngineError, ModelError, WriterError
from writer.i18n import _

_SAFELY: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_SHARE_OF_CARD = 0.8
"""What weights may take of the free memory of a card, so that there is room for the cache."""
_MARK = "mark"
"""The file in an unpacked model that says of what it was made."""
_ENDS = ("<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<end_of_turn>", "<eos>", "</s>")

transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def choose_device() -> tuple[torch.device, torch.dtype]:
    """The fastest device here and the number format that suits it."""
    if torch.cuda.is_available():
        return torch.device("cuda"), torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return torch.device("mps"), torch.float16
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.device("cpu"), torch.bfloat16 if fast else torch.float32


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, str, Any]:
    """The tokenizer (of the tokenizers library), its chat template if any, and the model, from a folder."""
    import_transformers()
    fewer_bits = in_four_bits(folder, device, dtype)
    if (folder / _MARK).is_file() and not fewer_bits:
        with suppress(Exception):  # as any other folder, then
            return _take_up(folder, device, dtype)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **_SAFELY)
    model: Any
    report: Any
    model, report = transformers.AutoModelForCausalLM.from_pretrained(  # type: ignore[misc]
        folder, dtype=dtype, use_safetensors=True, output_loading_info=True, **fewer_bits, **_SAFELY
    )
    if missing := report["missing_keys"]:
        raise ValueError(f"weights missing: {sorted(missing)[:3]}")  # they would be random numbers
    template = tokenizer.chat_template if isinstance(tokenizer.chat_template, str) else ""
    return tokenizer.backend_tokenizer, template, model.eval() if fewer_bits else model.to(device).eval()


def _take_up(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, str, Any]:
    """The same from a folder that was unpacked here, where every weight has the name that the model gives it."""
    from transformers.initialization import no_init_weights

    config = transformers.AutoConfig.from_pretrained(folder, **_SAFELY)
    with no_init_weights():
        model: Any = transformers.AutoModelForCausalLM.from_config(config, dtype=dtype)  # type: ignore[no-untyped-call]
    report = model.load_state_dict(load_file(folder / "model.safetensors"), strict=False, assign=True)
    model.tie_weights()
    if missing := set(report.missing_keys) - set(model.all_tied_weights_keys):
        raise ValueError(f"weights missing: {sorted(missing)[:3]}")
    template = folder / "chat_template.jinja"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return tokenizer, template.read_text("utf-8") if template.is_file() else "", model.to(device).eval()


def in_four_bits(folder: Path, device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """How to load a model that fits a CUDA card only with four bits a weight (bitsandbytes); else nothing special."""
    if device.type != "cuda" or importlib.util.find_spec("bitsandbytes") is None:
        return {}
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    free, _total = torch.cuda.mem_get_info(device)
    if weights < _SHARE_OF_CARD * free:
        return {}
    bits = transformers.BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": bits, "device_map": {"": device}}


def folder_of(path: Path, dtype: torch.dtype, tell: Callable[[str], None]) -> Path:
    """The folder to load; a GGUF file is unpacked once, which takes five times as long as loading it then."""
    if path.is_dir():
        return path
    status = path.stat()
    mark = f"{path.resolve()} {status.st_size} {status.st_mtime_ns} {dtype} {transformers.__version__}"
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    folder = files.cache_folder() / "dequantised" / f"{path.stem}-{place}"
    if (folder / _MARK).is_file() and (folder / _MARK).read_text("utf-8") == mark:
        return folder
    tell(_("Preparing {name} for its first use").format(name=path.stem))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent) as part:
        _dequantise(path, dtype, Path(part) / "model")
        (Path(part) / "model" / _MARK).write_text(mark, "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another process was quicker
            os.replace(Path(part) / "model", folder)
    return folder


def _dequantise(path: Path, dtype: torch.dtype, target: Path) -> None:
    """Write a GGUF model as a Hugging Face folder."""
    import_transformers()
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    source: dict[str, Any] = {"gguf_file": path.name, **_SAFELY}
    config = transformers.AutoConfig.from_pretrained(path.parent, **source)
    with torch.device("meta"):
        skeleton = transformers.AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    read = load_gguf_checkpoint(  # type: ignore[no-untyped-call]
        str(path), return_tensors=True, model_to_load=skeleton, torch_dtype=dtype
    )
    transformers.AutoTokenizer.from_pretrained(path.parent, **source).save_pretrained(target)
    config.save_pretrained(target)
    whole = {name: tensor.to(dtype).contiguous() for name, tensor in read["tensors"].items()}
    save_file(whole, target / "model.safetensors", metadata={"format": "pt"})


def ends_of(tokenizer: Any, model: Any) -> frozenset[int]:
    """Tokens that end a text."""
    configured = [model.generation_config.eos_token_id, model.config.get_text_config().eos_token_id]
    ends = {token for entry in configured for token in (entry if isinstance(entry, list) else [entry])}
    ends |= {tokenizer.token_to_id(name) for name in _ENDS}
    return frozenset(token for token in ends if token is not None)


@contextmanager
def told(model: str) -> Generator[None, None, None]:
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
def told_while_working() -> Generator[None, None, None]:
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
