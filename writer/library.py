"""Whole files in and out of a project, and the books folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from writer import files, formats
from writer.errors import FileError
from writer.formats import plan
from writer.formats.plan import Item, Outline
from writer.i18n import _
from writer.store import Store
from writer.store.plans import BOOK
from writer.story import OutlineNode, Plan, Project, Section

read_text = formats.read_text


def import_file(file: Path, store: Store) -> list[int]:
    """Add a file's sections behind the project's last node, all or none; gives the new ids in story order."""
    return add(formats.read(file), store)


def export(store: Store, path: Path, scene: int | None = None, *, unchecked: bool = False) -> None:
    """Write the whole book, or one node with all below it, to a file that is replaced as a whole.

    ProjectError names a scene that was damaged on the disk, unless ``unchecked``.
    """
    with store.at_one_moment():
        project = store.project
        nodes = store.nodes() if scene is None else _branch(store, scene)
        sections = [Section(node.level, node.title, store.scene(node.id, unchecked=unchecked).text) for node in nodes]
    formats.write(path, sections, project.title, project.premise)


def export_outline(store: Store, path: Path, scene: int | None = None) -> None:
    """Write the outline, or one node with all below it, without prose to a file that is replaced as a whole."""
    with store.at_one_moment():
        project, plans = store.project, store.plans.all()
        nodes = store.nodes() if scene is None else _branch(store, scene)
    items = tuple(Item(node.level, node.title, plans.get(node.id, Plan())) for node in nodes)
    outline = Outline(project.title, project.premise, items, replace(plans.get(BOOK, Plan()), synopsis=""))
    formats.put(path, plan.lay_out(outline, project.language))


def read_outline(file: Path) -> Outline:
    """The outline in a text file; FileError if it holds none."""
    outline = plan.parse(read_text(file))
    if not outline.items:
        raise FileError(
            _(
                "“{name}” holds no outline; write one as a list, a scene a line, what lies below a part further in."
            ).format(name=file.name)
        )
    return outline


def add_outline(outline: Outline, store: Store) -> list[int]:
    """Add the nodes of an outline behind the project's last, all or none; gives the new ids in story order.

    What it plans for the whole book counts where the project has no such plan.
    """
    with store.transaction():
        ids = add((Section(item.level, item.title, "") for item in outline.items), store)
        whole = {BOOK: outline.plan} if store.plans.get(BOOK) == Plan() else {}
        store.plans.put_all(whole | {id: item.plan for id, item in zip(ids, outline.items, strict=True)})
    return ids


def books_folder() -> Path:
    """Where the author's projects are kept by default; not necessarily there yet."""
    return files.documents_folder()


def sample(language: str, folder: Path) -> Path:
    """The sample project in a folder, made there if it is absent."""
    language = language if language in ("en", "zh") else "en"
    path = folder / {"en": "Sample.writer", "zh": "示例.writer"}[language]
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            _("The folder {folder} can't be made ({reason}); choose another in the settings.").format(
                folder=folder, reason=error.strerror or error
            )
        ) from error
    book = formats.read_book(files.assets() / "samples" / f"{language}.md")
    title, sections = _title_apart(book)
    with Store.create(path, Project(title, book.premise, language)) as store:
        add(sections, store)
    return path


def _title_apart(book: formats.Book) -> tuple[str, list[Section]]:
    """The title and the sections below it, for a book whose only top heading is its title."""
    top, *below = book.sections
    if book.title or top.text or not below or any(section.level == 0 for section in below):
        return book.title or top.title, list(book.sections)
    return top.title, [Section(section.level - 1, section.title, section.text) for section in below]


def add(sections: Iterable[Section], store: Store) -> list[int]:
    """Add sections behind the project's last node, all or none; gives the new ids in story order."""
    ids: list[int] = []
    above: list[tuple[int, int]] = []
    with store.transaction():
        for section in sections:
            while above and above[-1][0] >= section.level:
                above.pop()
            parent = above[-1][1] if above else None
            ids.append(store.add(section.title, parent, text=section.text))
            above.append((section.level, ids[-1]))
    return ids


def _branch(store: Store, scene: int) -> list[OutlineNode]:
    """A node and all below it, with levels counted from it; one in the bin comes by itself."""
    nodes = store.nodes()
    start = next((index for index, node in enumerate(nodes) if node.id == scene), None)
    if start is None:
        found = store.scene(scene)
        return [OutlineNode(scene, None, 0, found.title, "", 0)]
    top = nodes[start].level
    end = next((i for i, node in enumerate(nodes[start + 1 :], start + 1) if node.level <= top), len(nodes))
    return [
        OutlineNode(node.id, node.parent, node.level - top, node.title, node.synopsis, node.words)
        for node in nodes[start:end]
    ]
