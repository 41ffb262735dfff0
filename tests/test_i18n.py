"""The Chinese catalogue is complete, keeps the placeholders and is compiled."""

from __future__ import annotations

import gettext
import importlib.util
import string
from pathlib import Path
from types import ModuleType

import pytest

from writer import files, i18n


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


translations = _load(Path(__file__).resolve().parent.parent / "packaging" / "translations.py")


def _fields(text: str) -> set[str | None]:
    return {field for _text, field, _form, _how in string.Formatter().parse(text) if field is not None}


def test_every_message_is_translated() -> None:
    assert translations.missing(translations.translated()) == []


def test_translations_keep_the_placeholders() -> None:
    for message in translations.translated():
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        answers = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            assert all(_fields(answer) == _fields(texts[-1]) for answer in answers), message.id


def test_what_is_translated_is_compiled() -> None:
    compiled = gettext.translation("writer", files.assets() / "locale", ["zh_CN"])
    for message in translations.translated():
        if isinstance(message.id, str) and message.id:
            assert compiled.gettext(message.id) == message.string


def test_the_author_is_spoken_to_in_the_chosen_language() -> None:
    i18n.use("zh")
    assert (i18n.spoken(), i18n._("Scenes")) == ("zh", "场景")
    assert i18n.ngettext("{n} word", "{n} words", 2) == "{n} 字"
    i18n.use("xx")
    assert (i18n.spoken(), i18n._("Scenes")) == ("en", "Scenes")


@pytest.mark.parametrize(
    ("setting", "language"), [("zh_CN.UTF-8", "zh"), ("zh", "zh"), ("zh_TW:en", "zh"), ("de_DE", "en"), ("C", "en")]
)
def test_the_language_of_the_computer(setting: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", setting)
    assert i18n.of_system() == language


def test_sentences_stand_together_whatever_is_in_them() -> None:
    assert i18n.together(["Read {n}."]) == "Read {n}."
    assert i18n.together(["Read {n}.", "Lost {first}.", "Done."]) == "Read {n}. Lost {first}. Done."
