"""The author's language: gettext with English as the source and zh_CN complete."""

from __future__ import annotations

import gettext as _gettext
import locale
import os
from collections.abc import Iterable
from functools import reduce

from writer.files import assets

LANGUAGES = {"en": "English", "zh": "中文"}
_CATALOGUES = {"zh": "zh_CN"}
_current: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def use(language: str) -> None:
    """Speak this language from now on; an unknown one is English."""
    global _current, _language
    _language = language if language in LANGUAGES else "en"
    name = _CATALOGUES.get(language)
    _current = (
        _gettext.translation("writer", assets() / "locale", [name], fallback=True)
        if name
        else _gettext.NullTranslations()
    )


def spoken() -> str:
    """The language that messages are in now."""
    return _language


def of_system() -> str:
    """The language that this computer is set to, as one of ``LANGUAGES``; English if it is another."""
    chosen = [os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    first = next(filter(None, chosen), "") or locale.getlocale()[0] or ""
    return "zh" if first.lower().startswith(("zh", "chinese")) else "en"


def _(message: str) -> str:
    """The message in the author's language."""
    return _current.gettext(message)


def together(sentences: Iterable[str]) -> str:
    """Whole sentences, one behind the other as the author's language sets them."""
    return reduce(lambda said, next: _("{first} {second}").format(first=said, second=next), sentences)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The message for ``n`` things in the author's language."""
    return _current.ngettext(singular, plural, n)
