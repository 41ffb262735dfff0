"""Moments and amounts in an author's words."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale

from writer import i18n
from writer.i18n import _, ngettext
from writer.text import said_time


def said_when(then: int, now: int) -> str:
    """A moment as an author says it: today and yesterday by name, else the date, with the time of day."""
    moment = QDateTime.fromSecsSinceEpoch(then)
    if not moment.isValid():
        return said_time(then)
    days = moment.date().daysTo(QDateTime.fromSecsSinceEpoch(now).date())
    locale = QLocale("zh_CN" if i18n.spoken() == "zh" else "en_GB")
    named = {0: _("Today"), 1: _("Yesterday")}.get(days)
    date = named or locale.toString(moment.date(), _("d MMMM yyyy"))
    return _("{date}, {time}").format(date=date, time=moment.toString("HH:mm"))


def more_or_fewer(words: int) -> str:
    """How many more or fewer words a version has than the page, in a word or two."""
    n = f"{abs(words):,}"
    if words > 0:
        return ngettext("{n} more", "{n} more", words).format(n=n)
    return ngettext("{n} fewer", "{n} fewer", -words).format(n=n) if words else ""


def than_now(words: int) -> str:
    """The same as a sentence."""
    n = f"{abs(words):,}"
    if words > 0:
        return ngettext("{n} word more than now", "{n} words more than now", words).format(n=n)
    if words < 0:
        return ngettext("{n} word fewer than now", "{n} words fewer than now", -words).format(n=n)
    return _("As many words as now")


def said_left(seconds: float | None) -> str:
    """How long it will take, as a person says it; nothing if nobody knows."""
    if seconds is None:
        return ""
    if seconds < 50:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("about {n} minute left", "about {n} minutes left", minutes).format(n=minutes)
    hours = round(seconds / 3600)
    return ngettext("about {n} hour left", "about {n} hours left", hours).format(n=hours)
