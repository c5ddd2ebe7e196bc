"""`samewise store …`: one function a command; what they do is in `cli.store`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semantic_cache.cli import store as commands
from semantic_cache.cli.console import console
from semantic_cache.cli.invalidate import run_invalidate
from semantic_cache.cli.options import Embedder, StoreUrl, settings_of
from semantic_cache.invalidation import Conditions

__all__ = ["store_app"]

store_app = typer.Typer(
    help="The store: remove entries, move them, copy it while it is in use, check and repair it.", no_args_is_help=True
)

OneTenant = Annotated[str | None, typer.Option("--tenant", help="Of this tenant alone; without it of all.")]


@store_app.command()
def invalidate(  # noqa: PLR0913, PLR0917  (each is a condition of its own)
    entry: Annotated[list[int] | None, typer.Option("--id", help="The entry of that id; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="With this tag, or another that is named.")] = None,
    tenant: OneTenant = None,
    document: Annotated[str | None, typer.Option(help="Whose answer rests on the document of this name.")] = None,
    model: Annotated[str | None, typer.Option(help="Answered by this model.")] = None,
    older_than: Annotated[
        float | None, typer.Option("--older-than", min=0.0, help="Whose answer is older than that many seconds.")
    ] = None,
    similar_to: Annotated[
        list[str] | None, typer.Option(help="Whose question is near this one in meaning; may be repeated.")
    ] = None,
    min_similarity: Annotated[
        float, typer.Option(min=-1.0, max=1.0, help="The cosine from which on it is near.")
    ] = 0.9,
    everything: Annotated[bool, typer.Option("--everything", help="All, where no other condition is given.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; show what it would be.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreUrl = None,
    embedder: Embedder = None,
) -> None:
    """Remove the entries for which all the conditions hold that are given."""
    conditions = Conditions(
        ids=entry, tags=tag, tenant=tenant, document=document, model=model, older_than_seconds=older_than,
        similar_to=similar_to, min_similarity=min_similarity, everything=everything,
    )  # fmt: skip
    run_invalidate(settings_of(store=store, embedder=embedder), conditions, dry_run=dry_run, yes=yes, console=console)


@store_app.command()
def export(file: Path, tenant: OneTenant = None, store: StoreUrl = None) -> None:
    """Write all that is stored to a file of JSON lines; compressed where its name ends with .gz."""
    commands.run_export(settings_of(store=store), file, tenant, console)


@store_app.command("import")
def import_file(file: Path, store: StoreUrl = None) -> None:
    """Take in what `export` wrote, all or nothing; of two answers to one question the newer stays."""
    commands.run_import(settings_of(store=store), file, console)


@store_app.command()
def backup(file: Path, store: StoreUrl = None) -> None:
    """Copy the store into a new SQLite file while it is in use."""
    commands.run_backup(settings_of(store=store), file, console)


@store_app.command()
def vacuum(store: StoreUrl = None) -> None:
    """Give back the room that removed entries left."""
    commands.run_vacuum(settings_of(store=store), console)


@store_app.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired.")] = False,
    store: StoreUrl = None,
) -> None:
    """Check all that must hold of a store; exit code 1 where something does not."""
    if not commands.run_check(settings_of(store=store), console, repair=repair):
        raise typer.Exit(1)


@store_app.command()
def salvage(damaged: Path, into: Path) -> None:
    """Read what can still be read of a damaged SQLite file into a new one; exit code 1 where entries were lost."""
    if not commands.run_salvage(damaged, into, console):
        raise typer.Exit(1)


@store_app.command()
def calibrations(store: StoreUrl = None) -> None:
    """List the rules that `samewise tune --apply` put into the store, the newest first."""
    commands.run_calibrations(settings_of(store=store), console)


@store_app.command()
def revert(name: str, store: StoreUrl = None) -> None:
    """Take back the rule of that name that holds: the one before it does again."""
    commands.run_revert(settings_of(store=store), name, console)
