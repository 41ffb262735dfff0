"""``writer models``: what there is, getting and adding more, choosing one and trying it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from writer import i18n
from writer.cli.commands import settings_for
from writer.cli.output import Output
from writer.errors import UsageError
from writer.i18n import _

if TYPE_CHECKING:
    from writer.models import Facts, Fit, Found, Hardware, Model, Progress
    from writer.settings import Settings


def list_models(args: argparse.Namespace, out: Output) -> None:
    from writer import models

    chosen = settings_for(args)
    used = chosen.model or models.default(chosen.language).name
    hardware = models.detect()
    for model in models.catalogue():
        fits = models.fit(model.memory, hardware)
        fields = {
            "model": model.name,
            "title": model.title,
            "languages": list(model.languages),
            "licence": model.licence,
            "kind": model.kind,
            "context": model.context,
            "size": model.size,
            "memory": model.memory,
            "fit": fits,
            "source": model.source,
            "installed": model.installed,
            "used": model.name == used,
        }
        out.record(fields, _describe(model, fits, model.name == used))
    for path in _own(models.catalogue(), models.installed()):
        _list_own(path, models.label(path), models.facts(path), hardware, used, out)
    for other in models.found():
        _list_found(other, models.fit(other.memory, hardware), used, out)
    _advise(chosen, hardware, out)


def _own(catalogue: list[Model], installed: list[Path]) -> list[Path]:
    listed = {model.path for model in catalogue}
    return [path for path in installed if path not in listed]


def _describe(model: Model, fits: Fit, used: bool) -> str:
    state = _("here") if model.installed else _("not here")
    mark = "*" if used else " "
    summary = model.summary.get(i18n.spoken(), "")
    size = f"{model.size // 1_000_000} MB"
    return f"{mark} {model.name}  {size}  {_fit(fits)}  {state}  {model.licence}\n    {summary}"


def _fit(fits: Fit) -> str:
    return {"fits": _("fits"), "tight": _("tight"), "too large": _("too large")}[fits]


def _list_own(path: Path, name: str, facts: Facts | None, hardware: Hardware, used: str, out: Output) -> None:
    from writer import models

    is_used = used in (name, path.name, str(path), str(path.resolve()))
    fields: dict[str, Any] = {"model": name, "path": str(path), "source": str(models.folder())}
    line = f"{'*' if is_used else ' '} {name}"
    if facts is not None:
        engine = "llamacpp" if path.is_file() else "transformers"
        memory = facts.memory(engine, models.ROOM_TOKENS, path.is_file())
        fits = models.fit(memory, hardware)
        fields |= {"kind": facts.kind, "context": facts.context, "size": facts.size, "memory": memory, "fit": fits}
        line += f"  {facts.size // 1_000_000} MB  {_fit(fits)}"
    out.record({**fields, "installed": True, "used": is_used}, f"{line}  {_('here')}")


def _list_found(model: Found, fits: Fit, used: str, out: Output) -> None:
    is_used = used in (model.name, str(model.path))
    fields = {
        "model": model.name,
        "title": model.title,
        "path": str(model.path),
        "kind": model.kind,
        "context": model.context,
        "size": model.size,
        "memory": model.memory,
        "fit": fits,
        "source": model.source,
        "installed": True,
        "used": is_used,
    }
    mark = "*" if is_used else " "
    out.record(fields, f"{mark} {model.name}  {model.size // 1_000_000} MB  {_fit(fits)}  {model.source}")


def _advise(chosen: Settings, hardware: Hardware, out: Output) -> None:
    from writer import models

    advice = models.recommend(chosen.language or i18n.spoken(), hardware)
    out.say("")
    out.say(advice.reason)
    out.done(
        folder=str(models.folder()),
        recommended=advice.model.name,
        reason=advice.reason,
        memory_total=hardware.memory_total,
        memory_free=hardware.memory_free,
        cores=hardware.cores,
        gpu=hardware.gpu,
        disk_free=hardware.disk_free,
    )


def get_model(args: argparse.Namespace, out: Output) -> None:
    from writer import models

    model = models.known(args.name)
    accepted = args.accept_terms or not model.terms or model.installed or _accepts(model, out)
    with closing(_fetching(models.get(model.name, accept_terms=accepted))) as steps:
        _show_progress(steps, out)
    out.done(model=model.name, path=str(model.path))


def _fetching(steps: Iterable[Progress]) -> Generator[Progress, None, None]:
    yield from steps


def _accepts(model: Model, out: Output) -> bool:
    """Show the terms of use and ask; where nobody can answer, say how to accept them."""
    terms = (model.terms.get(i18n.spoken()) or model.terms["en"]).strip()
    out.record({"terms": terms, "url": model.terms_url}, terms)
    if out.as_json or not sys.stdin.isatty():
        raise UsageError(
            _("{title} comes under these terms of use; add --accept-terms to accept them.").format(title=model.title)
        )
    if not _agrees(_("Do you accept these terms? [y/N]"), out):
        raise UsageError(_("{title} was not fetched, since its terms were not accepted.").format(title=model.title))
    return True


def _agrees(question: str, out: Output) -> bool:
    out.say(question)
    return sys.stdin.readline().strip().lower() in ("y", "yes", _("y"), _("yes"))


def _show_progress(steps: Iterable[Progress], out: Output) -> str:
    """Count up on a terminal, else say each tenth in a line; gives what the last step said."""
    shown: tuple[str, int] | None = None
    for step in steps:
        tenth = (step.what, 10 * step.done // max(1, step.total))
        line = f"{step.what} {step.done / 1e6:.0f} / {step.total / 1e6:.0f} MB"
        if out.as_json:
            if tenth != shown:
                out.record({"progress": step.what, "done_bytes": step.done, "total_bytes": step.total})
        elif sys.stdout.isatty():
            print(f"\r\033[K{line}", end="", flush=True)
        elif tenth != shown:
            out.say(line)
        shown = tenth
    if sys.stdout.isatty():
        out.say("")
    return shown[0] if shown else ""


def add_model(args: argparse.Namespace, out: Output) -> None:
    from writer import models

    with closing(_fetching(models.add(args.path, args.copy))) as steps:
        name = _show_progress(steps, out)
    out.say(_("Added {name}; “writer models use {name}” writes with it.").format(name=name))
    out.done(model=name, path=str(models.find(name)))


def remove_model(args: argparse.Namespace, out: Output) -> None:
    from writer import models, settings

    going = models.removal(args.name)
    if not args.yes:
        if out.as_json or not sys.stdin.isatty():
            raise UsageError(_("Add --yes to remove {name}.").format(name=args.name))
        question = (
            _("Remove the link to {name}? The model itself stays where it is. [y/N]")
            if going.linked
            else _("Delete {name} ({size} MB)? [y/N]")
        )
        if not _agrees(question.format(name=args.name, size=going.size // 1_000_000), out):
            raise UsageError(_("{name} was not removed.").format(name=args.name))
    gone = models.remove(args.name)
    chosen = settings.load(notice=lambda sentence: None)
    if chosen.model and chosen.model in {args.name, *(name for path in gone.paths for name in (path.name, str(path)))}:
        settings.save(settings.change(chosen, "model", ""))
    out.say(_("Removed {name}.").format(name=args.name))
    out.done(model=args.name, freed=0 if gone.linked else gone.size, linked=gone.linked)


def use_model(args: argparse.Namespace, out: Output) -> None:
    from writer import models, settings

    path = models.find(args.name)
    listed = any(args.name == model.name for model in models.catalogue())
    name = args.name if listed or path.parent == models.folder().resolve() else str(path)
    settings.save(settings.change(settings.load(), "model", name))
    out.say(_("Writer uses {name} from now on.").format(name=name))
    out.done(model=name, path=str(path))


def try_model(args: argparse.Namespace, out: Output) -> None:
    from writer import models

    chosen = replace(settings_for(args), model=args.name)
    steps = models.try_out(chosen)
    with closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                tried = end.value
                break
    out.say(tried.text.strip())
    out.say(
        _(
            "Ready after {load:.1f} s, first word after {first:.2f} s, then {speed:.0f} words a second, {memory} MB."
        ).format(
            load=tried.load_seconds,
            first=tried.first_token_seconds,
            speed=tried.words_per_second,
            memory=tried.memory // 1_000_000,
        )
    )
    out.done(
        model=args.name,
        engine=tried.engine,
        text=tried.text,
        load_ms=round(tried.load_seconds * 1000),
        first_token_ms=round(tried.first_token_seconds * 1000, 1),
        tokens_per_second=round(tried.tokens_per_second, 1),
        memory=tried.memory,
    )
