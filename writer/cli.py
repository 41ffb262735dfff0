"""The same core without a window, for scripts, tests and authors who like a terminal.

Every command is a function of its arguments and of ``Output``. The modules that do the work are
imported inside it, so that ``writer --version`` stays quick.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from writer import __version__, files, i18n
from writer.errors import FileError, UsageError, WriterError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from writer.engines import Piece, Usage
    from writer.models import Model, Progress
    from writer.settings import Settings
    from writer.store import Store
    from writer.story import Cursor, OutlineNode, Part

DONE, OURS, THEIRS = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + 13
COMMANDS = ("new", "import", "export", "scenes", "suggest", "context", "models", "settings")
TEXT_SCENE = 1
_LARGEST_SEED = 2**31 - 1


def main(argv: list[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 2 the author can put it right, 1 our fault."""
    words = sys.argv[1:] if argv is None else argv
    out = Output(as_json="--json" in words)
    _speak_utf8()
    try:
        code = guard(lambda: _run(words, out), out)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    return code


def _run(words: list[str], out: Output) -> int:
    _choose_language(out)
    args = _parse(words)
    command: Callable[[argparse.Namespace, Output], int | None] = args.run
    return command(args, out) or DONE


def guard(work: Callable[[], int], out: Output) -> int:
    """The exit code of ``work``; what it raises becomes one sentence."""
    try:
        return work()
    except SystemExit as asked:  # --help and --version
        return int(asked.code or DONE)
    except WriterError as error:
        out.fail(str(error))
        return THEIRS
    except BrokenPipeError:
        raise
    except Exception:
        out.fail(_log_fault())
        return OURS


class Output:
    """What a command says: sentences for people or, with ``--json``, an object a line."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def record(self, fields: dict[str, Any], text: str = "", end: str = "\n") -> None:
        """Say one thing: ``fields`` as JSON or ``text`` to people, at once."""
        line = json.dumps(fields, ensure_ascii=False) + "\n" if self.as_json else text + end
        print(line, end="", flush=True)

    def say(self, text: str) -> None:
        """Say something that only people need."""
        if not self.as_json:
            print(text, flush=True)

    def done(self, **fields: Any) -> None:
        """End a command's JSON lines; people see that it is done."""
        if self.as_json:
            self.record({"done": True, **fields})

    def note(self, text: str) -> None:
        """Tell the author something beside the result."""
        print(text, file=sys.stderr, flush=True)

    def fail(self, text: str) -> None:
        """Say in one line why there is no result."""
        sentence = " ".join(text.split())
        self.note(sentence)
        if self.as_json:
            self.record({"error": sentence})


# --- the process


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale; what no encoding holds is written as an escape."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _choose_language(out: Output) -> None:
    from writer import settings

    i18n.use(i18n.of_system())
    chosen = settings.load(notice=out.note).language
    if chosen:
        i18n.use(chosen)


def _forget_stdout() -> None:
    """Keep Python from flushing into the closed pipe once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_fault() -> str:
    """Keep the traceback of the exception at hand, and give the sentence that says where."""
    path = files.state_folder() / "writer.log"
    report = traceback.format_exc()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"writer {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n{report}\n")
    except OSError:
        return report
    return _("Writer made a mistake of its own; the details are in {path}.").format(path=path)


# --- what can be asked

# argparse finds its own sentences by these names; here they come from Writer's translations.
vars(argparse).update(_=_, ngettext=ngettext)


def N_(message: str) -> str:  # noqa: N802
    """Mark a message for the translators."""
    return message


ARGPARSE_MESSAGES = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("ignored explicit argument %r"),
)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence like all others."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            _("{problem}; “{command} --help” shows what is possible.").format(problem=message, command=self.prog)
        )


def _parse(words: list[str]) -> argparse.Namespace:
    """Read a command line; its first plain word is a command or else the project to open."""
    rest = _with_common(_Parser(prog="writer", add_help=False)).parse_known_args(words)[1]
    first = next((word for word in rest if not word.startswith("-")), None)
    if first in COMMANDS or {"-h", "--help", "--version"} & set(rest):
        return parser().parse_args(words)
    if first is not None and not Path(first).exists():
        _refuse_unknown(first)
    window = _with_common(_Parser(prog="writer"))
    window.add_argument("project", metavar="PROJECT", nargs="?", type=Path)
    window.set_defaults(run=_window)
    return window.parse_args(words)


def _refuse_unknown(word: str) -> NoReturn:
    from difflib import get_close_matches

    if Path(word).suffix or len(Path(word).parts) > 1:
        raise FileError(_("There is no project {path}; “writer new {path} --title TITLE” makes one.").format(path=word))
    for command in get_close_matches(word, COMMANDS, 1):
        raise UsageError(
            _("There is no command or project “{word}”; did you mean “{command}”?").format(word=word, command=command)
        )
    raise UsageError(
        _("There is no command or project “{word}”; “writer --help” lists the commands.").format(word=word)
    )


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    top = _with_common(
        _Parser(
            prog="writer",
            usage=_("writer [PROJECT]\n       writer COMMAND ..."),
            description=_("A writing desk that works offline, remembers the whole book and suggests in grey."),
            epilog=_("Without a command the window opens. “writer COMMAND --help” tells more about a command."),
        )
    )
    top.add_argument(
        "--version", action="version", version=f"Writer {__version__}", help=_("show the version and exit")
    )
    commands = top.add_subparsers(metavar="COMMAND", title=_("commands"), required=True, dest="command", prog="writer")

    new = _command(commands, "new", _new, _("make an empty project"))
    new.add_argument("project", metavar="PROJECT", type=Path)
    new.add_argument("--title", metavar="T", required=True, help=_("the book's title"))
    new.add_argument("--premise", metavar="P", default="", help=_("what the book is about, in a sentence or two"))
    new.add_argument("--language", choices=tuple(i18n.LANGUAGES), help=_("the language the book is written in"))

    add = _command(commands, "import", _import, _("take a txt or md file into a project, made if it is not there"))
    add.add_argument("file", metavar="FILE", type=Path)
    add.add_argument("project", metavar="PROJECT", type=Path)

    export = _command(commands, "export", _export, _("write a project as a txt or md file"))
    export.add_argument("project", metavar="PROJECT", type=Path)
    export.add_argument("file", metavar="FILE", type=Path)
    _add_scene(export)

    scenes = _command(commands, "scenes", _scenes, _("list the scenes with their ids and words"))
    scenes.add_argument("project", metavar="PROJECT", type=Path)

    suggest = _command(commands, "suggest", _suggest, _("continue a project's scene or a text file"))
    _add_place(suggest)
    suggest.add_argument("--words", metavar="N", type=_positive, help=_("about how many words to write"))
    suggest.add_argument(
        "-n", metavar="K", dest="candidates", type=_positive, default=1, help=_("how many different suggestions")
    )

    context = _command(commands, "context", _context, _("show what the model reads for a suggestion"))
    _add_place(context)
    context.add_argument("--budget", metavar="TOKENS", type=_positive, help=_("how many tokens the model may read"))

    _add_models(_command(commands, "models", _models_list, _("list, fetch and choose models")))
    _add_settings(_command(commands, "settings", _settings_get, _("show and change the settings")))
    return top


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace, Output], int | None], about: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=about, description=_sentence(about))
    command.set_defaults(run=run)
    return _with_common(command, default=argparse.SUPPRESS)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + _(".")


def _with_common(command: argparse.ArgumentParser, default: Any = None) -> argparse.ArgumentParser:
    """Add what every command takes; below another command ``default`` must not hide what that was given."""
    add = command.add_argument
    add("--json", action="store_true", default=default, help=_("print one JSON object a line"))
    add("--model", metavar="NAME", default=default, help=_("the name or path of the model to use"))
    add("--engine", metavar="ENGINE", default=default, help=_("what runs the model: auto, llamacpp, transformers"))
    add("--seed", metavar="N", default=default, help=_("the same number gives the same suggestion"))
    return command


def _add_scene(command: argparse.ArgumentParser) -> None:
    command.add_argument("--scene", metavar="ID", type=_whole, help=_("a scene's id, as “writer scenes” shows it"))


def _add_place(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", metavar="PROJECT|TEXTFILE", type=Path)
    _add_scene(command)
    command.add_argument("--at", metavar="OFFSET", type=_whole, help=_("the caret, in characters from the start"))


def _add_models(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(metavar="ACTION", title=_("actions"))
    _command(actions, "list", _models_list, _("list the models and which of them are on this computer"))
    get = _command(actions, "get", _models_get, _("fetch a model and check it"))
    get.add_argument("name", metavar="NAME")
    get.add_argument("--accept-terms", action="store_true", help=_("agree to the model's terms of use"))
    use = _command(actions, "use", _models_use, _("write with this model from now on"))
    use.add_argument("name", metavar="NAME")


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.set_defaults(key=None)
    actions = command.add_subparsers(metavar="ACTION", title=_("actions"))
    get = _command(actions, "get", _settings_get, _("show one setting or all"))
    get.add_argument("key", metavar="KEY", nargs="?")
    put = _command(actions, "set", _settings_set, _("change a setting"))
    put.add_argument("key", metavar="KEY")
    put.add_argument("value", metavar="VALUE")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("“{text}” is not a whole number").format(text=text)) from error


def _positive(text: str) -> int:
    if (number := _whole(text)) < 1:
        raise argparse.ArgumentTypeError(_("it must be at least 1"))
    return number


# --- what the commands share


def _settings(args: argparse.Namespace) -> Settings:
    """What the author chose, with what this command line says instead."""
    from writer import settings

    chosen = settings.load(notice=lambda sentence: None)  # told when the language was chosen
    for key in ("model", "engine", "seed"):
        if (value := getattr(args, key)) is not None:
            chosen = settings.change(chosen, key, value)
    return chosen


def _speaking(chosen: Settings, language: str) -> Settings:
    """The settings whose default model writes this language."""
    from writer import models

    if chosen.model or language in models.default(chosen.language).languages:
        return chosen
    return replace(chosen, language=language)


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise FileError(_("{path} is a folder; name a file in it.").format(path=path))
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


def _node(store: Store, path: Path, scene: int | None) -> OutlineNode:
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


def _cursor(scene: int, text: str, revision: int, offset: int | None) -> Cursor:
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

    path = _existing(args.source)
    if _is_project(path):
        from writer.store import Store

        with Store.reader(path) as store:
            scene = store.scene(_node(store, path, args.scene).id)
            yield _cursor(scene.id, scene.text, scene.revision, args.at), store, store.project.language
    else:
        from writer import library

        if args.scene not in (None, TEXT_SCENE):
            raise UsageError(_("A text file is one scene; leave out --scene."))
        text = library.read_text(path)
        yield _cursor(TEXT_SCENE, text, 0, args.at), None, language_of(text)


# --- the commands


def _window(args: argparse.Namespace, out: Output) -> int:
    from writer.ui.app import run

    return run(_existing(args.project) if args.project else None)


def _new(args: argparse.Namespace, out: Output) -> None:
    from writer.store import Store
    from writer.story import Project

    path = _new_path(args.project)
    language = args.language or _settings(args).language or i18n.of_system()
    Store.create(path, Project(args.title, args.premise, language)).close()
    out.say(_("Made {path}.").format(path=path))
    out.done(project=str(path), title=args.title, language=language)


def _new_path(path: Path) -> Path:
    """The place of a project to be made, or the reason why it can't be made there."""
    if path.suffix.lower() != ".writer":
        raise UsageError(
            _("A project's name ends in .writer; call it {name}.").format(name=path.with_name(path.name + ".writer"))
        )
    if path.exists():
        raise FileError(_("{path} is there already; choose another name.").format(path=path))
    return path


def _import(args: argparse.Namespace, out: Output) -> None:
    from writer import library
    from writer.store import Store

    file = _existing(args.file)
    if args.project.exists():
        with Store.open(_existing(args.project)) as store:
            ids = library.import_file(file, store)
            nodes = store.nodes()
    else:
        ids, nodes = _import_as_new(file, _new_path(args.project))
    words = sum(node.words for node in nodes if node.id in set(ids))
    out.say(
        ngettext("Imported {n} scene, {words} words.", "Imported {n} scenes, {words} words.", len(ids)).format(
            n=len(ids), words=words
        )
    )
    out.done(project=str(args.project), scenes=len(ids), words=words)


def _import_as_new(file: Path, project: Path) -> tuple[list[int], list[OutlineNode]]:
    """Make a project of a file; nothing is left of it when that fails."""
    from writer import library
    from writer.store import Store
    from writer.story import Project
    from writer.text import language_of

    text = library.read_text(file)
    store = Store.create(project, Project(file.stem, "", language_of(text)))
    try:
        with store:
            return library.import_file(file, store), store.nodes()
    except BaseException:
        project.unlink(missing_ok=True)
        raise


def _export(args: argparse.Namespace, out: Output) -> None:
    from writer import library
    from writer.store import Store

    path = _existing(args.project)
    with Store.reader(path) as store:
        scene = _node(store, path, args.scene).id if args.scene is not None else None
        library.export(store, args.file, scene)
    out.say(_("Wrote {path}.").format(path=args.file))
    out.done(file=str(args.file))


def _scenes(args: argparse.Namespace, out: Output) -> None:
    from writer.store import Store

    with Store.reader(_existing(args.project)) as store:
        nodes = store.nodes()
    width = len(str(max((node.id for node in nodes), default=0)))
    for node in nodes:
        fields = {"node": node.id, "parent": node.parent, "level": node.level, "title": node.title, "words": node.words}
        words = ngettext("{n} word", "{n} words", node.words).format(n=node.words)
        out.record(fields, f"{node.id:>{width}}  {'  ' * node.level}{node.title}  ({words})")
    out.done(scenes=len(nodes), words=sum(node.words for node in nodes))


def _suggest(args: argparse.Namespace, out: Output) -> None:
    from writer import models
    from writer.suggest import suggest

    chosen = _settings(args)
    first = chosen.seed or random.randint(1, _LARGEST_SEED)
    with (
        _place(args) as (cursor, store, language),
        closing(models.open_engine(_speaking(chosen, language))) as engine,
    ):
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
            text += piece.text
            out.record({"piece": piece.text, "candidate": candidate}, piece.text, end="")


def _context(args: argparse.Namespace, out: Output) -> None:
    from writer import models
    from writer.suggest import prompt_for

    chosen = _settings(args)
    with (
        _place(args) as (cursor, store, language),
        closing(models.open_engine(_speaking(chosen, language))) as engine,
    ):
        budget = min(args.budget or chosen.budget, engine.context_tokens)
        prompt = prompt_for(cursor, store, engine, replace(chosen, budget=budget))
        tokens = prompt.tokens + engine.bos_tokens
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


def _models_list(args: argparse.Namespace, out: Output) -> None:
    from writer import models

    chosen = _settings(args)
    used = chosen.model or models.default(chosen.language).name
    for model in models.catalogue():
        fields = {
            "model": model.name,
            "title": model.title,
            "languages": list(model.languages),
            "licence": model.licence,
            "size": model.size,
            "installed": model.installed,
            "used": model.name == used,
        }
        out.record(fields, _describe(model, model.name == used))
    known = {model.path.resolve() for model in models.catalogue()}
    for path in models.installed():
        if path.resolve() not in known:
            name = path.stem if path.is_file() else path.name
            is_used = used in (name, path.name, str(path))
            mark = "*" if is_used else " "
            out.record({"model": name, "path": str(path), "installed": True, "used": is_used}, f"{mark} {name}")
    out.done(folder=str(models.folder()))


def _describe(model: Model, used: bool) -> str:
    state = _("here") if model.installed else _("not here")
    mark = "*" if used else " "
    summary = model.summary.get(i18n.spoken(), "")
    return f"{mark} {model.name}  {model.size // 1_000_000} MB  {state}  {model.licence}\n    {summary}"


def _models_get(args: argparse.Namespace, out: Output) -> None:
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
    out.say(_("Do you accept these terms? [y/N]"))
    if sys.stdin.readline().strip().lower() not in ("y", "yes", _("y"), _("yes")):
        raise UsageError(_("{title} was not fetched, since its terms were not accepted.").format(title=model.title))
    return True


def _show_progress(steps: Iterable[Progress], out: Output) -> None:
    """Count up on a terminal, else say each tenth in a line."""
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


def _models_use(args: argparse.Namespace, out: Output) -> None:
    from writer import models, settings

    path = models.find(args.name)
    listed = any(args.name == model.name for model in models.catalogue())
    name = args.name if listed or path.parent == models.folder().resolve() else str(path)
    settings.save(settings.change(settings.load(), "model", name))
    out.say(_("Writer uses {name} from now on.").format(name=name))
    out.done(model=name, path=str(path))


def _settings_get(args: argparse.Namespace, out: Output) -> None:
    from writer import settings

    values = settings.values(_settings(args))
    if args.key is not None:
        if args.key not in values:
            settings.change(settings.Settings(), args.key, "")
        values = {args.key: values.get(args.key, "")}
    for key, value in values.items():
        out.record({"key": key, "value": value}, _shown(value) if args.key else f"{key} = {_shown(value)}")
    out.done()


def _settings_set(args: argparse.Namespace, out: Output) -> None:
    from writer import settings

    chosen = settings.change(settings.load(), args.key, args.value)
    settings.save(chosen)
    value = settings.values(chosen).get(args.key, "")
    out.say(f"{args.key} = {_shown(value)}")
    out.done(key=args.key, value=value)


def _shown(value: bool | int | float | str) -> str:
    """A value as ``writer settings set`` reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
