"""What can be typed behind ``writer``, and which command each means."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from writer import __version__, i18n
from writer.cli import check, commands, draft, ledger, memory, models, outline, revisions, safety, server, sources
from writer.cli.output import Output
from writer.errors import FileError, UsageError
from writer.i18n import _, ngettext

COMMANDS = (
    "new",
    "import",
    "export",
    "scenes",
    "suggest",
    "context",
    "outline",
    "draft",
    "sources",
    "memory",
    "check",
    "revisions",
    "backup",
    "restore",
    "ledger",
    "models",
    "settings",
)

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
    N_("not allowed with argument %s"),
)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence like all others."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            _("{problem}; “{command} --help” shows what is possible.").format(problem=message, command=self.prog)
        )


def parse(words: list[str]) -> argparse.Namespace:
    """Read a command line; its first plain word is a command or else the project to open."""
    rest = _with_common(_Parser(prog="writer", add_help=False)).parse_known_args(words)[1]
    first = next((word for word in rest if not word.startswith("-")), None)
    if first in COMMANDS or {"-h", "--help", "--version"} & set(rest):
        return parser().parse_args(words)
    if first is not None and not Path(first).exists():
        _refuse_unknown(first)
    window = _with_common(_Parser(prog="writer"))
    window.add_argument("project", metavar="PROJECT", nargs="?", type=Path)
    window.set_defaults(run=commands.open_window)
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
    actions = top.add_subparsers(metavar="COMMAND", title=_("commands"), required=True, dest="command", prog="writer")

    new = _command(actions, "new", commands.new, _("make an empty project"))
    new.add_argument("project", metavar="PROJECT", type=Path)
    new.add_argument("--title", metavar="T", required=True, help=_("the book's title"))
    new.add_argument("--premise", metavar="P", default="", help=_("what the book is about, in a sentence or two"))
    new.add_argument("--language", choices=tuple(i18n.LANGUAGES), help=_("the language the book is written in"))

    add = _command(
        actions, "import", commands.import_file, _("take a txt or md file into a project, made if it is not there")
    )
    add.add_argument("file", metavar="FILE", type=Path)
    add.add_argument("project", metavar="PROJECT", type=Path)
    add.add_argument("--outline", action="store_true", help=_("read it as an outline: a list, a scene a line"))

    export = _command(actions, "export", commands.export, _("write a project as a txt or md file"))
    export.add_argument("project", metavar="PROJECT", type=Path)
    export.add_argument("file", metavar="FILE", type=Path)
    export.add_argument("--outline", action="store_true", help=_("write the outline instead of the prose"))
    _add_scene(export)

    scenes = _command(actions, "scenes", commands.scenes, _("list the scenes with their ids and words"))
    scenes.add_argument("project", metavar="PROJECT", type=Path)

    suggest = _command(actions, "suggest", commands.suggest, _("continue a project's scene or a text file"))
    _add_place(suggest)
    suggest.add_argument("--words", metavar="N", type=_positive, help=_("about how many words to write"))
    suggest.add_argument(
        "-n", metavar="K", dest="candidates", type=_positive, default=1, help=_("how many different suggestions")
    )

    context = _command(actions, "context", commands.context, _("show what the model reads for a suggestion"))
    _add_place(context)
    context.add_argument("--budget", metavar="TOKENS", help=_("how many tokens the model may read"))

    _add_outline(_command(actions, "outline", outline.outline, _("grow an outline from the premise")))

    drafted = _command(
        actions, "draft", draft.draft, _("write the scenes that have no text yet, and go on where it was")
    )
    drafted.add_argument("project", metavar="PROJECT", type=Path)
    _add_scene(drafted)
    drafted.add_argument("--words", metavar="N", type=_whole, help=_("how many words all of it is to have"))

    sourced = _command(
        actions, "sources", sources.sources, _("tell which note each sentence leans on, and what no note has")
    )
    sourced.add_argument("project", metavar="PROJECT", type=Path)
    _add_scene(sourced)

    _add_memory(_command(actions, "memory", memory.show, _("show what is remembered of a book, and ask it")))

    checked = _command(actions, "check", check.check, _("see whether a project file is whole"))
    checked.add_argument("project", metavar="PROJECT", type=Path)

    _add_revisions(
        _command(actions, "revisions", revisions.revisions, _("list earlier versions of scenes, and bring one back"))
    )

    backup = _command(actions, "backup", safety.backup, _("make a backup of a project, or list those there are"))
    backup.add_argument("project", metavar="PROJECT", type=Path)
    backup.add_argument("--list", action="store_true", help=_("list the backups, newest first"))

    restore = _command(actions, "restore", safety.restore, _("put a backup, or a copy of a project, in a place"))
    restore.add_argument("backup", metavar="BACKUP", type=Path)
    restore.add_argument("project", metavar="PROJECT", type=Path)
    restore.add_argument(
        "--salvage", action="store_true", help=_("BACKUP is damaged: make a new PROJECT of what can be read of it")
    )

    told = _command(actions, "ledger", ledger.ledger, _("tell what of a project a model wrote"))
    told.add_argument("project", metavar="PROJECT", type=Path)
    told.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help=_("a .md or .txt file for a statement, .json for all data")
    )

    _add_models(_command(actions, "models", models.list_models, _("list, fetch and choose models")))
    _add_settings(_command(actions, "settings", commands.get_settings, _("show and change the settings")))
    return top


def _command(
    actions: Any, name: str, run: Callable[[argparse.Namespace, Output], int | None], about: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = actions.add_parser(name, help=about, description=_sentence(about))
    command.set_defaults(run=run)
    return _with_common(command, default=argparse.SUPPRESS)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + _(".")


def _with_common(command: argparse.ArgumentParser, default: Any = None) -> argparse.ArgumentParser:
    """Add what every command takes; below another command ``default`` must not hide what that was given."""
    add = command.add_argument
    add("--json", action="store_true", default=default, help=_("print one JSON object a line"))
    add("--model", metavar="NAME", default=default, help=_("the name or path of the model to use"))
    engines = _("what runs the model: auto, llamacpp, transformers, server")
    add("--engine", metavar="ENGINE", default=default, help=engines)
    add("--seed", metavar="N", default=default, help=_("the same number gives the same suggestion"))
    return command


def _add_scene(command: argparse.ArgumentParser) -> None:
    command.add_argument("--scene", metavar="ID", type=_whole, help=_("a scene's id, as “writer scenes” shows it"))


def _add_place(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", metavar="PROJECT|TEXTFILE", type=Path)
    _add_caret(command)


def _add_caret(command: argparse.ArgumentParser) -> None:
    _add_scene(command)
    command.add_argument("--at", metavar="OFFSET", type=_whole, help=_("the caret, in characters from the start"))


def _add_revisions(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT", type=Path)
    _add_scene(command)
    one_of = command.add_mutually_exclusive_group()
    one_of.add_argument("--show", metavar="REVISION", type=_whole, help=_("print the text of this version"))
    one_of.add_argument("--restore", metavar="REVISION", type=_whole, help=_("make the scene again what it was then"))
    one_of.add_argument("--keep", metavar="NAME", help=_("keep the scene as it is now under a name"))


def _add_outline(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT", type=Path)
    command.add_argument("--scene", metavar="ID", type=_whole, help=_("grow it below this part, by its synopsis"))
    command.add_argument("--levels", metavar="N", type=_positive, default=3, help=_("how many levels deep"))
    command.add_argument("--children", metavar="N", type=_positive, help=_("how many below each"))
    command.add_argument("--shape", metavar="NAME", help=_("what it is built like, such as three-acts or report"))
    command.add_argument("--beats", action="store_true", help=_("also say what happens in each scene, step by step"))
    instead = command.add_mutually_exclusive_group()
    instead.add_argument("--follow", action="store_true", help=_("show synopses that their prose no longer fits"))
    instead.add_argument("--propose", action="store_true", help=_("show what outline a finished text could have"))
    command.add_argument("--apply", action="store_true", help=_("with --follow or --propose, change it so"))


def _add_memory(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT", type=Path)
    actions = command.add_subparsers(metavar="ACTION", title=_("actions"), required=True, dest="action")
    update = _command(actions, "update", memory.update, _("read what is new or has changed"))
    update.add_argument("--retell", action="store_true", help=_("let the model retell the story in its own words too"))
    update.add_argument("--again", action="store_true", help=_("with --retell, replace what other models retold"))
    _add_caret(_command(actions, "show", memory.show, _("show what is remembered before a place in the book")))
    recall = _command(actions, "recall", memory.recall, _("find sentences that matter to some words"))
    recall.add_argument("query", metavar="QUERY")
    recall.add_argument("--most", metavar="N", type=_positive, default=8, help=_("how many sentences at most"))
    _add_caret(recall)
    asked = _command(actions, "ask", memory.ask, _("ask the book; it answers with its own sentences"))
    asked.add_argument("question", metavar="QUESTION")
    _add_caret(asked)
    measured = _command(actions, "meter", memory.meter, _("measure on your own text whether memory helps"))
    measured.add_argument("--positions", metavar="N", type=_positive, default=24, help=_("at how many places"))
    measured.add_argument(
        "--arms", metavar="A,B", help=_("what to compare: window, ours, told, words, summary, passages, 2048, 4096")
    )


def _add_models(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(metavar="ACTION", title=_("actions"))
    _command(actions, "list", models.list_models, _("list the models and which of them are on this computer"))
    get = _command(actions, "get", models.get_model, _("fetch a model and check it"))
    get.add_argument("name", metavar="NAME")
    get.add_argument("--accept-terms", action="store_true", help=_("agree to the model's terms of use"))
    add = _command(actions, "add", models.add_model, _("take a model on this computer into the models folder"))
    add.add_argument("path", metavar="PATH", help=_("a GGUF file, a Hugging Face folder, or a name in the list"))
    add.add_argument("--copy", action="store_true", help=_("copy it instead of linking to it"))
    remove = _command(actions, "remove", models.remove_model, _("take a model out of the models folder"))
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--yes", action="store_true", help=_("don't ask first"))
    use = _command(actions, "use", models.use_model, _("write with this model from now on"))
    use.add_argument("name", metavar="NAME")
    tried = _command(actions, "test", models.try_model, _("load a model, let it write, and tell how fast it is"))
    tried.add_argument("name", metavar="NAME")


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.set_defaults(key=None)
    actions = command.add_subparsers(metavar="ACTION", title=_("actions"))
    get = _command(actions, "get", commands.get_settings, _("show one setting or all"))
    get.add_argument("key", metavar="KEY", nargs="?")
    put = _command(actions, "set", commands.set_setting, _("change a setting"))
    put.add_argument("key", metavar="KEY")
    put.add_argument("value", metavar="VALUE")
    key = _command(actions, "key", server.key, _("give the key to your server, or forget it"))
    key.add_argument("--forget", action="store_true", help=_("remove the key from the keyring"))


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("“{text}” is not a whole number").format(text=text)) from error


def _positive(text: str) -> int:
    if (number := _whole(text)) < 1:
        raise argparse.ArgumentTypeError(_("it must be at least 1"))
    return number
