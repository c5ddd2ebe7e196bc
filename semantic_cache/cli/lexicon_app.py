"""`samewise lexicon …`: one function a command; what they do is in `cli.lexicon`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semantic_cache.cli.console import console

__all__ = ["Lexicons", "lexicon_app"]

lexicon_app = typer.Typer(help="Lexicons: lines suggested from judged pairs, files checked.", no_args_is_help=True)

Lexicons = Annotated[
    list[Path] | None,
    typer.Option("--lexicon", help="A lexicon file of yours beside the bundled ones; may be repeated."),
]


@lexicon_app.command("suggest")
def lexicon_suggest(
    pairs: Path,
    output: Annotated[Path | None, typer.Option(help="Lexicon file to write: suggestions are comments.")] = None,
    accept: Annotated[str, typer.Option(help="Numbers of suggestions to write as live lines: 1,3")] = "",
    language: Annotated[str | None, typer.Option(help="Suggestions of this language only.")] = None,
    minimum: Annotated[int, typer.Option(min=1, help="Least number of distinct questions that ask for a rule.")] = 3,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that holds accepted lines.")] = False,
    lexicon: Lexicons = None,
) -> None:
    """Suggest synonyms, fillers and abbreviations from judged pairs (jsonl: q1, q2, same; or csv as for tune)."""
    from semantic_cache.cli.lexicon import SuggestOptions, accepted_numbers, run_suggest  # noqa: PLC0415

    numbers = accepted_numbers(accept)
    options = SuggestOptions(output, numbers, language, minimum, overwrite, tuple(lexicon or ()))
    run_suggest(pairs, options, console)


@lexicon_app.command("check")
def lexicon_check(
    file: Path,
    pairs: Annotated[Path | None, typer.Option(help="Judged pairs: which of them it would join.")] = None,
    lexicon: Lexicons = None,
) -> None:
    """Check a lexicon file and say what it changes; exit code 1 where it would join pairs judged different."""
    from semantic_cache.cli.lexicon import run_check  # noqa: PLC0415

    if not run_check(file, pairs, lexicon or (), console):
        raise typer.Exit(1)
