from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from writer import files, settings
from writer.errors import FileError, UsageError
from writer.settings import Settings
from writer.styles import STYLES


def settings_file() -> Path:
    return files.config_folder() / "settings.toml"


def write(text: str) -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text(text, "utf-8")


def load_with_notices() -> tuple[Settings, list[str]]:
    notices: list[str] = []
    return settings.load(notices.append), notices


def test_without_a_file_the_defaults_count_and_nothing_is_written():
    assert load_with_notices() == (Settings(), [])
    assert not settings_file().exists()


def test_only_what_differs_from_the_defaults_is_written():
    settings.save(dataclasses.replace(Settings(), zoom=120, language="zh", keys={"accept": "Tab"}))
    lines = settings_file().read_text("utf-8").split("\n")
    assert [line for line in lines if line] == ['language = "zh"', "zoom = 120", "[keys]", 'accept = "Tab"']


def test_saving_keeps_comments_and_unknown_keys():
    write('# mine\nzoom = 110  # eyes\nfuture = "yes"\n\n[keys]\n# left hand\naccept = "F5"\n')
    chosen = settings.change(settings.change(settings.load(), "zoom", "130"), "keys.dismiss", "F6")
    settings.save(chosen)
    text = settings_file().read_text("utf-8")
    assert "# mine" in text
    assert "zoom = 130  # eyes" in text
    assert 'future = "yes"' in text
    assert "# left hand" in text
    assert settings.load() == chosen


def test_a_value_set_back_to_its_default_is_written_over_the_old_one():
    settings.save(dataclasses.replace(Settings(), zoom=120))
    settings.save(Settings())
    assert settings.load() == Settings()


def test_a_shortcut_set_to_nothing_is_the_default_again():
    settings.save(settings.change(Settings(), "keys.accept", "F5"))
    settings.save(settings.change(settings.load(), "keys.accept", ""))
    assert settings.load() == Settings()


@pytest.mark.parametrize("text", ["zoom = = 3", "\x00\x01", "[keys\n"])
def test_a_broken_file_is_kept_aside_and_said_in_one_sentence(text: str):
    write(text)
    loaded, notices = load_with_notices()
    assert loaded == Settings()
    assert len(notices) == 1
    aside = files.config_folder() / "settings.broken-1.toml"
    assert aside.read_text("utf-8") == text
    assert str(aside) in notices[0]
    settings.save(dataclasses.replace(Settings(), zoom=90))
    assert load_with_notices() == (dataclasses.replace(Settings(), zoom=90), [])


def test_bytes_that_are_no_text_are_kept_aside_too():
    write("")
    settings_file().write_bytes(b"\xff\xfe\x00zoom")
    assert load_with_notices()[0] == Settings()
    assert (files.config_folder() / "settings.broken-1.toml").exists()


def test_a_second_broken_file_does_not_replace_the_first():
    for _ in range(2):
        write("broken =")
        load_with_notices()
    assert (files.config_folder() / "settings.broken-2.toml").exists()


def test_one_impossible_value_costs_only_itself():
    write('zoom = 9000\ntheme = "sepia"\nwords = [1, 2]\nkeys = 3\nfuture = [1]\n')
    loaded, notices = load_with_notices()
    assert loaded == dataclasses.replace(Settings(), theme="sepia")
    assert len(notices) == 3
    assert "50" in notices[0]
    assert "300" in notices[0]


def test_a_byte_order_mark_is_no_damage():
    write("\ufeffzoom = 110\n")
    assert load_with_notices() == (dataclasses.replace(Settings(), zoom=110), [])


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("suggestions", "off", False),
        ("suggestions", "YES", True),
        ("temperature", "1", 1.0),
        ("words", " 40 ", 40),
        ("language", "zh", "zh"),
        ("language", "", ""),
        ("model", "/模型/gemma.gguf", "/模型/gemma.gguf"),
    ],
)
def test_a_setting_is_read_from_text(key: str, text: str, value: object):
    assert getattr(settings.change(Settings(), key, text), key) == value


@pytest.mark.parametrize(
    ("key", "text", "hint"),
    [
        ("zoom", "49", "50"),
        ("zoom", "big", "whole numbers"),
        ("temperature", "nan", "numbers from 0 to 2"),
        ("temperature", "inf", "numbers from 0 to 2"),
        ("theme", "pink", "auto, light, sepia, dark"),
        ("suggestions", "maybe", "on, off"),
        ("model", "two\nlines", "one line"),
        ("no_such", "1", "temperature"),
        ("keys.", "F5", "keys.accept"),
        ("keys.Not a name", "F5", "keys.accept"),
    ],
)
def test_what_is_not_allowed_names_what_is(key: str, text: str, hint: str):
    with pytest.raises(UsageError, match=hint.replace(".", r"\.")):
        settings.change(Settings(), key, text)


def test_every_setting_has_a_rule_and_its_default_obeys_it():
    for key, value in settings.values(Settings()).items():
        assert getattr(settings.change(Settings(), key, str(value)), key) == value


texts = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
some_settings = st.builds(
    Settings,
    language=st.sampled_from(["", "en", "zh"]),
    suggestions=st.booleans(),
    model=texts,
    temperature=st.floats(0, 2),
    seed=st.integers(0, 2**31 - 1),
    font=texts,
    keys=st.dictionaries(st.sampled_from(settings.SHORTCUTS), texts.filter(bool), max_size=3),
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(some_settings, some_settings)
def test_what_is_saved_is_loaded(first: Settings, second: Settings):
    settings.save(first)
    settings.save(second)
    assert load_with_notices() == (second, [])


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WRITER_HOME", str(tmp_path / "file"))
    with pytest.raises(FileError, match="can't be"):
        settings.save(dataclasses.replace(Settings(), zoom=90))
    settings.remember(tmp_path / "a.writer")
    assert settings.recent() == []


def test_recent_projects_come_newest_first_without_those_that_are_gone(tmp_path: Path):
    paths = [tmp_path / f"书{n}.writer" for n in range(12)]
    for path in paths:
        path.touch()
        settings.remember(path)
    settings.remember(paths[5])
    paths[11].unlink()
    assert settings.recent() == [paths[n] for n in (5, 10, 9, 8, 7, 6, 4, 3, 2)]


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "[1, null]"])
def test_damaged_recent_projects_are_forgotten(content: str):
    files.state_folder().mkdir(parents=True)
    (files.state_folder() / "recent.json").write_text(content)
    assert settings.recent() == []


def test_backups_have_a_folder_for_each_project_whatever_its_name(tmp_path: Path):
    names = ["a", "潮" * 90, "Who? Me: no/yes", "con", " . "]
    paths = [tmp_path / f"{number}" / f"{name.replace('/', '-')}.writer" for number, name in enumerate(names)]
    folders = [settings.backups_folder(path) for path in [*paths, tmp_path / "b" / "a.writer"]]
    assert len(set(folders)) == len(folders)
    for folder in folders:
        folder.mkdir(parents=True)
        assert folder.parent == files.data_folder() / "backups"
    link = tmp_path / "link.writer"
    link.symlink_to(paths[0])
    assert settings.backups_folder(link) == folders[0]


def test_backups_can_be_kept_elsewhere(tmp_path: Path):
    settings.save(settings.change(Settings(), "backups_folder", str(tmp_path)))
    assert settings.backups_folder(tmp_path / "a" / "b.writer").parent == tmp_path
    with pytest.raises(UsageError, match="full path"):
        settings.change(Settings(), "backups_folder", "backups")


def test_a_title_becomes_a_name_that_every_file_system_takes():
    for title, name in {
        "The Tide": "The Tide",
        'What? "Yes": a/b\\c': "What Yes a b c",
        "潮水\n与海": "潮水 与海",
        "CON": "CON_",
        "nul.txt": "nul.txt_",
        " ... ": "",
        "../..": "",
        "a\ud800b": "a b",
        "x" * 500: "x" * 120,
    }.items():
        assert files.file_name(title) == name


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_a_name_for_its_numbers(name: str):
    chosen = settings.change(Settings(temperature=0.33), "style", name)
    assert chosen.style == settings.values(chosen)["style"] == name
    settings.save(chosen)
    assert "style" not in settings_file().read_text("utf-8") if settings_file().exists() else name == "balanced"
    assert settings.load() == chosen
    assert settings.change(chosen, "temperature", "0.33").style == "custom"


def test_the_default_style_is_balanced():
    assert Settings().style == "balanced"
    assert all(style.keys() == STYLES["balanced"].keys() for style in STYLES.values())
    with pytest.raises(UsageError, match="faithful, balanced, bold"):
        settings.change(Settings(), "style", "wild")
