"""The command line as scripts see it: lines, fields and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from writer import __version__, cli, files, i18n
from writer.store import Store
from writer.story import Plan, Project

ENGLISH = "The gulls rose when the boat came in.\n\nShe counted them twice, and "
CHINESE = "海鸥在船进港时飞了起来。\n\n她数了两遍，然后"
USAGE_FIELDS = {
    "done",
    "text",
    "tokens",
    "prompt_tokens",
    "prefilled_tokens",
    "first_token_ms",
    "total_ms",
    "tokens_per_second",
    "engine",
    "model",
    "seed",
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    i18n.use("en")


class Shell:
    """Runs commands in this process and keeps what they said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.errors = ""

    def run(self, *words: object, code: int = 0) -> str:
        found = cli.main([str(word) for word in words])
        said = self._capsys.readouterr()
        self.errors = said.err
        assert found == code, said
        return said.out

    def lines(self, *words: object, code: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json", code=code).splitlines()]

    def refusal(self, *words: object) -> str:
        """The one sentence that a command fails with, the same on stderr and as an object."""
        *_, last = self.lines(*words, code=2)
        assert set(last) == {"error"}
        assert self.errors == last["error"] + "\n"
        self.run(*words, code=2)
        assert self.errors == last["error"] + "\n"
        return str(last["error"])


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(ENGLISH, "utf-8")
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.writer"
    with Store.create(path, Project("The Harbour", "", "en")) as store:
        store.add("Harbour", text="The gulls rose.")
        store.add("Storm", text="Nobody slept that night.")
    return path


def child(*words: object, **options: Any) -> subprocess.Popen[bytes]:
    """The real program in a process of its own."""
    command = [sys.executable, "-m", "writer", *map(str, words)]
    return subprocess.Popen(command, stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, **options)


# --- help and version


def test_version_loads_nothing_heavy() -> None:
    code = (
        "import sys; from writer.cli import main; main(['--version']);"
        "print({'PySide6', 'torch', 'transformers', 'xllamacpp', 'sqlite_utils'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [f"Writer {__version__}", "set()"]


@pytest.mark.parametrize(
    "command",
    [
        "",
        *cli.COMMANDS,
        "models get",
        "models add",
        "models remove",
        "models use",
        "models test",
        "settings get",
        "settings set",
    ],
)
def test_every_command_has_help_and_the_common_options(command: str, shell: Shell) -> None:
    said = shell.run(*command.split(), "--help")
    assert all(option in said for option in ("--json", "--model", "--engine", "--seed"))


def test_help_speaks_the_language_of_the_computer(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN:en")
    assert "用法" in shell.run("suggest", "--help")
    assert "没有" in shell.refusal("scenes", "nowhere.writer")


def test_the_chosen_language_wins(shell: Shell) -> None:
    shell.run("settings", "set", "language", "zh")
    assert "用法" in shell.run("--help")


# --- projects


def test_new_makes_a_project_once(tmp_path: Path, shell: Shell) -> None:
    path = tmp_path / "gulls.writer"
    words = ("new", path, "--title", "Gulls", "--premise", "A boat is late.", "--language", "en")
    assert shell.lines(*words) == [{"done": True, "project": str(path), "title": "Gulls", "language": "en"}]
    assert path.is_file()
    assert "already" in shell.refusal(*words)


def test_import_makes_a_project_and_adds_to_it(tmp_path: Path, shell: Shell) -> None:
    source = tmp_path / "书.txt"
    source.write_text("第一章 海港\n\n海鸥飞了起来。\n\n第二章 风暴\n\n那一夜没有人睡。\n", "utf-8")
    path = tmp_path / "book.writer"
    (first,) = shell.lines("import", source, path)
    assert first == {"done": True, "project": str(path), "scenes": 2, "words": first["words"]}
    (second,) = shell.lines("import", source, path)
    assert second["words"] == first["words"] > 0
    *nodes, done = shell.lines("scenes", path)
    assert len(nodes) == done["scenes"] == 4


@pytest.mark.parametrize("paragraph", ["The gulls rose when the boat came in.\n\n", "海鸥在船进港时飞了起来。\n\n"])
def test_a_long_text_without_headings_is_told_where_its_chapters_are_found(
    tmp_path: Path, shell: Shell, paragraph: str
) -> None:
    source, path = tmp_path / "text.txt", tmp_path / "My book.writer"
    source.write_text(paragraph * 150, "utf-8")
    for scene in ("", " --scene 2"):
        shell.run("import", source, path)
        assert f'“writer outline "{path}"{scene} --propose”' in shell.errors
    shell.run("outline", path, "--scene", 2, "--propose")
    source.write_text(paragraph, "utf-8")
    shell.run("import", source, path)
    assert "--propose" not in shell.errors
    source.write_text(f"Chapter 1\n\n{paragraph * 150}Chapter 2\n\n{paragraph * 150}", "utf-8")
    shell.run("import", source, path)
    assert "--propose" not in shell.errors


def test_import_of_an_unreadable_file_leaves_no_project(tmp_path: Path, shell: Shell) -> None:
    shell.refusal("import", tmp_path, tmp_path / "a.writer")
    source = tmp_path / "page.xyz"
    source.write_text(ENGLISH)
    shell.refusal("import", source, tmp_path / "b.writer")
    assert not list(tmp_path.glob("*.writer*"))


def test_scenes_prints_the_tree(book: Path, shell: Shell) -> None:
    *nodes, done = shell.lines("scenes", book)
    assert all(set(node) == {"node", "parent", "level", "title", "words"} for node in nodes)
    assert [node["title"] for node in nodes] == ["Harbour", "Storm"]
    assert done["done"] is True
    said = shell.run("scenes", book)
    assert "Harbour  (3 words)" in said
    assert str(nodes[1]["node"]) in said.splitlines()[1].split()


@pytest.mark.parametrize("suffix", ["txt", "md"])
def test_export_writes_the_book_or_one_scene(suffix: str, book: Path, tmp_path: Path, shell: Shell) -> None:
    target = tmp_path / f"out.{suffix}"
    assert shell.lines("export", book, target) == [{"done": True, "file": str(target)}]
    assert "gulls" in target.read_text("utf-8")
    last = shell.lines("scenes", book)[-2]["node"]
    shell.run("export", book, target, "--scene", last)
    assert "gulls" not in target.read_text("utf-8")
    assert "Nobody slept" in target.read_text("utf-8")


def test_an_outline_goes_out_and_comes_back_as_a_list(book: Path, tmp_path: Path, shell: Shell) -> None:
    plan = Plan("She counts gulls.", "See the map.", "draft", 900, ("Mara",), ("She counts.",), ("storm",))
    with Store.open(book) as store:
        store.plans.put(store.nodes()[1].id, plan)
        titles = [(node.level, node.title) for node in store.nodes()]
    listed, new = tmp_path / "outline.md", tmp_path / "new.writer"
    assert shell.lines("export", book, listed, "--outline") == [{"done": True, "file": str(listed)}]
    assert "The gulls rose" not in listed.read_text("utf-8")
    assert shell.lines("import", listed, new, "--outline")[-1]["scenes"] == len(titles)
    with Store.open(new) as store:
        assert [(node.level, node.title) for node in store.nodes()] == titles
        assert store.plans.get(store.nodes()[1].id) == plan
        assert store.project.title
    shell.run("import", listed, new, "--outline")
    with Store.open(new) as store:
        assert len(store.nodes()) == 2 * len(titles)
    listed.write_text("Only prose.", "utf-8")
    shell.run("import", listed, tmp_path / "none.writer", "--outline", code=2)
    assert "holds no outline" in shell.errors
    assert not (tmp_path / "none.writer").exists()
    listed.write_text("- A [9000000 words]", "utf-8")
    shell.run("import", listed, tmp_path / "none.writer", "--outline", code=2)
    assert "A target of 9,000,000 words" in shell.errors
    assert not (tmp_path / "none.writer").exists()


# --- suggestions


def test_suggest_streams_and_ends_with_what_it_cost(page: Path, shell: Shell) -> None:
    *pieces, done = shell.lines("suggest", page, "--engine", "echo", "--seed", 7)
    assert pieces
    assert all(set(piece) == {"piece", "candidate"} and piece["candidate"] == 0 for piece in pieces)
    assert set(done) == USAGE_FIELDS
    assert done["text"] == "".join(piece["piece"] for piece in pieces)
    assert (done["engine"], done["seed"]) == ("echo", 7)
    assert shell.run("suggest", page, "--engine", "echo", "--seed", 7) == done["text"] + "\n"


def test_candidates_are_numbered(page: Path, shell: Shell) -> None:
    *pieces, done = shell.lines("suggest", page, "--engine", "echo", "-n", 3)
    assert {piece["candidate"] for piece in pieces} == {0, 1, 2}
    assert done["text"] == "".join(piece["piece"] for piece in pieces if piece["candidate"] == 0)
    assert [line for line in shell.run("suggest", page, "--engine", "echo", "-n", 2).splitlines() if "[" in line] == [
        "[1]",
        "[2]",
    ]


def test_options_may_stand_before_the_command(page: Path, shell: Shell) -> None:
    words = ("--engine", "echo", "--seed", 5, "--json", "suggest", page)
    assert json.loads(shell.run(*words).splitlines()[-1])["seed"] == 5


def test_a_project_is_continued_at_the_end_of_its_last_scene(book: Path, shell: Shell) -> None:
    ids = [node["node"] for node in shell.lines("scenes", book)[:-1]]
    *parts, done = shell.lines("context", book, "--engine", "echo")
    assert parts[-1]["part"] == "page"
    assert parts[-1]["text"].rstrip().endswith("that night.")
    assert parts[-1]["sources"][-1]["scene"] == ids[-1]
    assert done["tokens"] <= done["budget"] == 2048
    *parts, done = shell.lines("context", book, "--engine", "echo", "--scene", ids[0], "--at", 9)
    assert parts[-1]["text"] == "The gulls"
    assert "Nobody" not in json.dumps(parts)


def test_context_has_exactly_these_fields(page: Path, shell: Shell) -> None:
    page.write_text(ENGLISH * 40, "utf-8")
    *lines, done = shell.lines("context", page, "--engine", "echo", "--budget", 64)
    for line in lines:
        assert set(line) in ({"part", "tokens", "text", "sources"}, {"dropped", "text", "reason"})
        for source in line.get("sources", []):
            assert set(source) == {"scene", "start", "end"}
    assert set(done) == {"done", "tokens", "budget"}
    assert done["tokens"] <= done["budget"] == 64
    assert "── page" in shell.run("context", page, "--engine", "echo")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "🌊".encode(),
        ENGLISH.replace("\n", "\r\n").encode(),
        CHINESE.encode("gb18030"),
        CHINESE.encode("utf-16"),
        b"\xef\xbb\xbf" + CHINESE.encode(),
    ],
    ids=["empty", "emoji", "crlf", "gb18030", "utf-16", "bom"],
)
def test_any_text_file_is_continued(data: bytes, page: Path, shell: Shell) -> None:
    page.write_bytes(data)
    *_, done = shell.lines("suggest", page, "--engine", "echo")
    assert done["done"] is True
    *parts, _ = shell.lines("context", page, "--engine", "echo")
    text = "".join(part["text"] for part in parts)
    assert "\r" not in text
    assert "�" not in text


def test_an_offset_counts_characters(page: Path, shell: Shell) -> None:
    page.write_text("🌊🌊 sea", "utf-8")
    *parts, _ = shell.lines("context", page, "--engine", "echo", "--at", 2)
    assert parts[-1]["text"] == "🌊🌊"


# --- models and settings


def test_models_are_listed(shell: Shell) -> None:
    *models, done = shell.lines("models")
    assert shell.lines("models", "list")[:-1] == models
    assert done["recommended"] in {model["model"] for model in models}
    assert {model["model"] for model in models} >= {"smollm2-135m", "gemma3-270m"}
    assert [model["model"] for model in models if model["used"]] == ["smollm2-135m"]
    assert "smollm2-135m" in shell.run("models")


@pytest.mark.model
def test_a_model_is_used_from_now_on(shell: Shell) -> None:
    shell.run("models", "use", "gemma3-270m")
    assert shell.run("settings", "get", "model") == "gemma3-270m\n"
    assert [line["model"] for line in shell.lines("models") if line.get("used")] == ["gemma3-270m"]


def test_terms_are_shown_before_a_model_is_fetched(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WRITER_HOME", str(tmp_path / "elsewhere"))
    terms, refusal = shell.lines("models", "get", "gemma3-270m", code=2)
    assert "Gemma Terms of Use" in terms["terms"]
    assert "--accept-terms" in refusal["error"]


def test_settings_are_shown_and_changed(shell: Shell) -> None:
    *values, done = shell.lines("settings")
    assert {"key": "words", "value": 24} in values
    assert done == {"done": True}
    assert shell.lines("settings", "set", "words", 30) == [{"done": True, "key": "words", "value": 30}]
    assert shell.run("settings", "get", "words") == "30\n"
    assert "whole numbers" in shell.refusal("settings", "set", "words", "many")
    assert "no setting" in shell.refusal("settings", "get", "colour")


# --- refusals


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("sugest PAGE", "did you mean “suggest”"),
        ("frobnicate", "--help"),
        ("FOLDER/none.writer", "writer new"),
        ("new FOLDER/x.writer", "--title"),
        ("new FOLDER/x --title T", "x.writer"),
        ("new FOLDER/none/x.writer --title T", "none"),
        ("new PAGE/x.writer --title T", "folder"),
        ("new FOLDER/x.writer --title T --language fr", "fr"),
        ("import PAGE FOLDER", "folder"),
        ("import FOLDER/none.txt FOLDER/x.writer", "none.txt"),
        ("export BOOK FOLDER/none/out.txt", "out.txt"),
        ("export BOOK FOLDER/out.xyz", "xyz"),
        ("export BOOK FOLDER", "is a folder"),
        ("export BOOK FOLDER/out.md --scene 99", "99"),
        ("export PAGE FOLDER/out.md", "page.txt"),
        ("scenes PAGE", "page.txt"),
        ("scenes FOLDER", "folder"),
        ("scenes FOLDER/none.writer", "none.writer"),
        ("suggest FOLDER", "folder"),
        ("suggest FOLDER/none.txt", "none.txt"),
        ("suggest PAGE --at 1000", "characters"),
        ("suggest PAGE --at -1", "characters"),
        ("suggest PAGE --at here", "whole number"),
        ("suggest PAGE --scene 9", "--scene"),
        ("suggest BOOK --scene 99", "writer scenes"),
        ("suggest PAGE --words 0", "at least 1"),
        ("suggest PAGE -n 0", "at least 1"),
        ("suggest PAGE --seed x", "seed"),
        ("suggest PAGE --engine steam", "steam"),
        ("suggest PAGE --model nobody", "nobody"),
        ("suggest PAGE --model PAGE", "page.txt"),
        ("context PAGE --budget 0", "whole numbers from 64"),
        ("models get nobody", "nobody"),
        ("models use nobody", "nobody"),
        ("models frobnicate", "frobnicate"),
        ("settings set words", "VALUE"),
    ],
)
def test_bad_input_gets_one_sentence(
    words: str, hint: str, page: Path, book: Path, tmp_path: Path, shell: Shell
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, place in {"PAGE": page, "BOOK": book, "FOLDER": folder}.items():
        words = words.replace(name, str(place))
    sentence = shell.refusal(*words.split())
    assert hint.replace("FOLDER", str(folder)) in sentence
    assert not (files.state_folder() / "writer.log").exists()


def test_a_damaged_project_is_refused(tmp_path: Path, shell: Shell) -> None:
    path = tmp_path / "broken.writer"
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    assert "broken.writer" in shell.refusal("scenes", path)
    assert "broken.writer" in shell.refusal("suggest", path)


def test_our_own_fault_is_logged(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.guard(lambda: 1 // 0, cli.Output(as_json=True)) == 1
    said = capsys.readouterr()
    log = files.state_folder() / "writer.log"
    assert "ZeroDivisionError" in log.read_text("utf-8")
    assert str(log) in said.err
    assert said.err.count("\n") == 1
    assert json.loads(said.out) == {"error": said.err.rstrip("\n")}


# --- the real program


def test_stdout_is_utf8_whatever_the_locale(page: Path) -> None:
    page.write_text(CHINESE, "utf-8")
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    with child("context", page, "--engine", "echo", env=environment) as process:
        said, errors = process.communicate()
    assert "海鸥" in said.decode("utf-8")
    assert (process.returncode, errors) == (0, b"")


def test_a_closed_pipe_is_quiet() -> None:
    read, write = os.pipe()
    os.close(read)
    with child("settings", stdout=write) as process:
        os.close(write)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (cli.PIPE_CLOSED, b"")


@pytest.mark.model
@pytest.mark.parametrize(("model", "text"), [("smollm2-135m", ENGLISH), ("gemma3-270m", CHINESE)])
def test_a_real_model_continues_the_page(model: str, text: str, page: Path) -> None:
    page.write_text(text, "utf-8")
    with child("suggest", page, "--json", "--model", model, "--seed", 3) as process:
        said, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")
    *pieces, done = [json.loads(line) for line in said.decode("utf-8").splitlines()]
    assert set(done) == USAGE_FIELDS
    assert done["text"] == "".join(piece["piece"] for piece in pieces)
    assert done["text"].strip()
    assert done["model"] == model
    assert done["engine"] in ("llamacpp", "transformers")
    assert done["prompt_tokens"] > 0


@pytest.mark.model
def test_ctrl_c_is_quiet(page: Path) -> None:
    with child("suggest", page, "--json", "--words", 500, "-n", 20, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (cli.INTERRUPTED, b"")
