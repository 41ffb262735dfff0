"""The commands: each a function of its arguments that speaks through ``Output``.

The modules that do the work are imported inside, so that ``writer --version`` stays quick.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from writer import aside, i18n
from writer.cli import server
from writer.cli.output import Output
from writer.errors import FileError, UsageError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from writer.engines import Engine, Piece, Usage
    from writer.settings import Settings
    from writer.store import Store
    from writer.story import Cursor, OutlineNode, Part

TEXT_SCENE = 1
"""The id of the one scene that a text file is."""
_LARGEST_SEED = 2**31 - 1


def open_window(args: argparse.Namespace, out: Output) -> int:
    from writer.settings import Settings, change
    from writer.ui.start import run

    overrides = {
        option: str(value) for option in ("model", "engine", "seed") if (value := getattr(args, option)) is not None
    }
    if "model" in overrides and settings_for(args).engine == "server":
        overrides["server_model"] = overrides.pop("model")
    for option, value in overrides.items():
        change(Settings(), option, value)
    return run(existing(args.project) if args.project else None, overrides)


def new(args: argparse.Namespace, out: Output) -> None:
    from writer.store import Store
    from writer.story import Project

    path = new_path(args.project)
    language = args.language or settings_for(args).language or i18n.of_system()
    Store.create(path, Project(args.title, args.premise, language)).close()
    out.say(_("Made {path}.").format(path=path))
    out.done(project=str(path), title=args.title, language=language)


def new_path(path: Path) -> Path:
    """The place of a project to be made, or the reason why it can't be made there."""
    if path.suffix.lower() != ".writer":
        raise UsageError(
            _("A project's name ends in .writer; call it {name}.").format(name=path.with_name(path.name + ".writer"))
        )
    if path.exists():
        raise FileError(_("{path} is there already; choose another name.").format(path=path))
    if not path.parent.is_dir():
        raise FileError(_("There is no folder {folder}; make it, or choose another place.").format(folder=path.parent))
    return path


def import_file(args: argparse.Namespace, out: Output) -> None:
    from subprocess import list2cmdline

    from writer.outline.proposal import FEWEST_WORDS
    from writer.store import Store

    file = existing(args.file)
    if args.project.exists():
        with Store.open(existing(args.project)) as store:
            ids = _imported(file, store, is_outline=args.outline)
            nodes = store.nodes()
    else:
        ids, nodes = _import_as_new(file, new_path(args.project), is_outline=args.outline)
    words = sum(node.words for node in nodes if node.id in set(ids))
    out.say(
        ngettext("Imported {n} scene, {words} words.", "Imported {n} scenes, {words} words.", len(ids)).format(
            n=len(ids), words=words
        )
    )
    if len(ids) == 1 and words >= FEWEST_WORDS and not args.outline:
        project = list2cmdline([str(args.project), *(["--scene", str(ids[0])] if len(nodes) > 1 else [])])
        out.note(
            _("It has no headings; “writer outline {project} --propose” finds chapters and scenes in it.").format(
                project=project
            )
        )
    out.done(project=str(args.project), scenes=len(ids), words=words)


def _import_as_new(file: Path, path: Path, *, is_outline: bool) -> tuple[list[int], list[OutlineNode]]:
    """Make a project of a file; nothing is left of it when that fails."""
    from writer import formats, library
    from writer.store import Store
    from writer.story import Project
    from writer.text import language_of

    if is_outline:
        outline = library.read_outline(file)
        title, premise, told = outline.title, outline.premise, [f"{i.title}\n{i.plan.synopsis}" for i in outline.items]
    else:
        book = formats.read_book(file)
        title, premise, told = book.title, book.premise, [section.text for section in book.sections]
    store = Store.create(path, Project(title or file.stem, premise, language_of("\n".join(told))))
    try:
        with store:
            return _imported(file, store, is_outline=is_outline), store.nodes()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _imported(file: Path, store: Store, *, is_outline: bool) -> list[int]:
    from writer import library

    return library.add_outline(library.read_outline(file), store) if is_outline else library.import_file(file, store)


def export(args: argparse.Namespace, out: Output) -> None:
    from writer import library
    from writer.store import Store

    path = existing(args.project)
    _refuse_folder(args.file)
    with Store.reader(path) as store, replacing(args.file, out):
        scene = node_for(store, path, args.scene).id if args.scene is not None else None
        if args.outline:
            library.export_outline(store, args.file, scene)
        else:
            library.export(store, args.file, scene)
    out.say(_("Wrote {path}.").format(path=args.file))
    out.done(file=str(args.file))


def scenes(args: argparse.Namespace, out: Output) -> None:
    from writer.store import Store
    from writer.text import said_words

    with Store.reader(existing(args.project)) as store:
        nodes = store.nodes()
    width = len(str(max((node.id for node in nodes), default=0)))
    for node in nodes:
        fields = {"node": node.id, "parent": node.parent, "level": node.level, "title": node.title, "words": node.words}
        out.record(fields, f"{node.id:>{width}}  {'  ' * node.level}{node.title}  ({said_words(node.words)})")
    out.done(scenes=len(nodes), words=sum(node.words for node in nodes))


def suggest(args: argparse.Namespace, out: Output) -> None:
    from writer.suggest import suggest

    chosen = settings_for(args)
    first = chosen.seed or random.randint(1, _LARGEST_SEED)
    with _place(args) as (cursor, store, language), opened_engine(speaking(chosen, language), out) as engine:
        written = []
        for candidate in range(args.candidates):
            if args.candidates > 1:
                out.say(f"[{candidate + 1}]")
            seed = (first + candidate - 1) % _LARGEST_SEED + 1
            pieces = suggest(cursor, store, engine, chosen, seed=seed, words=args.words)
            written.append(_stream(pieces, candidate, out))
        text, usage = written[0]
        out.done(
            text=text,
            tokens=usage.tokens,
            prompt_tokens=usage.prompt_tokens,
            prefilled_tokens=usage.prefilled_tokens,
            first_token_ms=round(usage.first_token_ms, 1),
            total_ms=round(usage.total_ms, 1),
            tokens_per_second=round(usage.tokens_per_second, 1),
            engine=engine.name,
            model=engine.model,
            seed=first,
        )


def _stream(pieces: Generator[Piece, None, Usage], candidate: int, out: Output) -> tuple[str, Usage]:
    """Print pieces as they come and give them joined, with what they cost."""
    text = ""
    with closing(pieces):
        while True:
            try:
                piece = next(pieces)
            except StopIteration as end:
                out.say("")
                return text, end.value
            if piece.text:
                text += piece.text
                out.record({"piece": piece.text, "candidate": candidate}, piece.text, end="")


def context(args: argparse.Namespace, out: Output) -> None:
    from writer.suggest import ANSWER_TOKENS, prompt_for

    chosen = settings_for(args)
    with _place(args) as (cursor, store, language), opened_engine(speaking(chosen, language), out) as engine:
        prompt = prompt_for(cursor, store, engine, chosen)
        tokens = prompt.tokens + engine.bos_tokens
        budget = min(chosen.budget, engine.context_tokens - ANSWER_TOKENS)
    for part in prompt.parts:
        out.record(
            {"part": part.kind, "tokens": part.tokens, "text": part.text, "sources": _sources(part)},
            f"── {part.kind} · {_tokens(part.tokens)} ──\n{part.text}",
        )
    for dropped in prompt.dropped:
        out.record(
            {"dropped": dropped.kind, "text": dropped.text, "reason": dropped.reason},
            _("── left out: {kind} · {reason} ──").format(kind=dropped.kind, reason=dropped.reason),
        )
    out.say(_("{tokens} of {budget} tokens.").format(tokens=tokens, budget=budget))
    out.done(tokens=tokens, budget=budget)


def _sources(part: Part) -> list[dict[str, int]]:
    return [{"scene": span.scene, "start": span.start, "end": span.end} for span in part.sources]


def _tokens(n: int) -> str:
    return ngettext("{n} token", "{n} tokens", n).format(n=n)


def get_settings(args: argparse.Namespace, out: Output) -> None:
    from writer import settings

    values = settings.values(settings_for(args))
    if args.key is not None:
        if args.key not in values:
            settings.change(settings.Settings(), args.key, "")
        values = {args.key: values.get(args.key, "")}
    for key, value in values.items():
        out.record({"key": key, "value": value}, _shown(value) if args.key else f"{key} = {_shown(value)}".rstrip())
    out.done()


def set_setting(args: argparse.Namespace, out: Output) -> None:
    from writer import settings

    chosen = settings.change(settings.load(), args.key, args.value)
    settings.save(chosen)
    value = settings.values(chosen).get(args.key, "")
    out.say(f"{args.key} = {_shown(value)}".rstrip())
    if args.key == "server_url" or (args.key, value) == ("engine", "server"):
        server.tell(chosen, out)
    out.done(key=args.key, value=value)


def _shown(value: bool | int | float | str) -> str:
    """A value as ``writer settings set`` reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


# --- what the commands share


def settings_for(args: argparse.Namespace) -> Settings:
    """What the author chose, with what this command line says instead."""
    from writer import settings

    chosen = settings.load(notice=lambda sentence: None)  # told when the language was chosen
    for key in ("engine", "model", "seed", "budget"):
        if (value := getattr(args, key, None)) is not None:
            key = "server_model" if key == "model" and chosen.engine == "server" else key
            chosen = settings.change(chosen, key, value)
    return chosen


def speaking(chosen: Settings, language: str) -> Settings:
    """The settings whose default model writes this language."""
    from writer import models

    if chosen.model or language in models.default(chosen.language).languages:
        return chosen
    return replace(chosen, language=language)


@contextmanager
def opened_engine(chosen: Settings, out: Output) -> Iterator[Engine]:
    """The engine for these settings, ready; at a terminal a long loading says what it is busy with."""
    from writer import models
    from writer.engines.host import Host

    with closing(models.open_engine(chosen)) as engine:
        said = ""
        while isinstance(engine, Host) and not engine.wait(0.1):
            if engine.note != said and sys.stderr.isatty():
                said = engine.note
                out.note(said)
        yield engine


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise FileError(_("{path} is a folder; name a file in it.").format(path=path))


@contextmanager
def replacing(path: Path, out: Output) -> Iterator[None]:
    """While a file is written: keep what is there under another name, unless Writer itself wrote it."""
    _refuse_folder(path)
    try:
        kept = aside.keep(path)
        try:
            yield
        except BaseException:
            if kept is not None:
                kept.unlink(missing_ok=True)
            raise
        aside.know(path)
    except OSError as error:
        raise FileError(
            _("{path} can't be written: {reason}.").format(path=path, reason=error.strerror or error)
        ) from error
    if kept is not None:
        out.note(_("What was there is kept as {path}.").format(path=kept))


def existing(path: Path) -> Path:
    _refuse_folder(path)
    if not path.exists():
        raise FileError(_("There is no file {path}; check its name.").format(path=path))
    return path


def _is_project(path: Path) -> bool:
    """Whether this file is a project by its name or by what is in it."""
    if path.suffix.lower() == ".writer":
        return True
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise FileError(
            _("{path} can't be read: {reason}.").format(path=path, reason=error.strerror or error)
        ) from error


def node_for(store: Store, path: Path, scene: int | None) -> OutlineNode:
    """The node with this id, by default the last."""
    nodes = store.nodes()
    if not nodes:
        raise FileError(_("{path} has no scenes yet; import a text or write one.").format(path=path))
    if scene is None:
        return nodes[-1]
    for node in nodes:
        if node.id == scene:
            return node
    raise UsageError(
        _("There is no scene {scene} in {path}; “writer scenes” lists them.").format(scene=scene, path=path)
    )


def cursor_at(scene: int, text: str, revision: int, offset: int | None) -> Cursor:
    """The caret in a scene's text, by default at its end."""
    from writer.story import Cursor

    if offset is not None and not 0 <= offset <= len(text):
        raise UsageError(
            _("The text has {length} characters, so --at can't be {offset}.").format(length=len(text), offset=offset)
        )
    return Cursor(scene, text, len(text) if offset is None else offset, revision)


@contextmanager
def _place(args: argparse.Namespace) -> Iterator[tuple[Cursor, Store | None, str]]:
    """The caret that the arguments mean, the project it is in, if any, and the language there."""
    from writer.text import language_of

    path = existing(args.source)
    if _is_project(path):
        from writer.store import Store

        with Store.reader(path) as store:
            scene = store.scene(node_for(store, path, args.scene).id)
            yield cursor_at(scene.id, scene.text, scene.revision, args.at), store, store.project.language
    else:
        from writer import library

        if args.scene not in (None, TEXT_SCENE):
            raise UsageError(_("A text file is one scene; leave out --scene."))
        text = library.read_text(path)
        yield cursor_at(TEXT_SCENE, text, 0, args.at), None, language_of(text)
