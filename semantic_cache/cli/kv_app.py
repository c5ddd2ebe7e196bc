"""`samewise kv …`: one function a command; what they do is in `cli.kv`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semantic_cache.cli.console import console
from semantic_cache.models import DEFAULT_LANGUAGE_MODEL

__all__ = ["kv_app"]

kv_app = typer.Typer(
    help="The prefix cache of a local model: prove that it changes no bit, say what it saves and why it missed.",
    no_args_is_help=True,
)

Model = Annotated[str, typer.Argument(help="Bundled model, folder or hub id.")]
Dtype = Annotated[str, typer.Option(help="float32, bfloat16 or float16.")]
Prompts = Annotated[
    Path, typer.Option(help="A prompt a line, as JSON: a list of messages, of token ids, or a text that a user says.")
]
BlockTokens = Annotated[int, typer.Option(min=1, help="Most tokens in a block of the cache.")]
PriceFile = Annotated[Path | None, typer.Option("--file", help="Prices of yours, in the form of the bundled file.")]


@kv_app.command()
def verify(
    model: Model = DEFAULT_LANGUAGE_MODEL,
    dtype: Dtype = "float32",
    prompts: Annotated[Path | None, typer.Option(help="Prompts of yours, a JSON value a line.")] = None,
    splits: Annotated[int, typer.Option(min=1, help="Places where each prompt is cut.")] = 3,
    block_tokens: BlockTokens = 128,
) -> None:
    """Prove that what is read from the cache is, bit for bit, what would have been computed. Exit code 1 if not."""
    from kvcache.verify import VerifyConfig  # noqa: PLC0415  (torch: seconds that other commands never need)
    from semantic_cache.cli import kv as commands  # noqa: PLC0415  (other commands never need a model's library)

    source = commands.Source(model, dtype, prompts, block_tokens)
    if not commands.run_verify(source, VerifyConfig(splits=splits), console):
        raise typer.Exit(1)


@kv_app.command()
def prices(
    file: PriceFile = None,
    prompt_tokens: Annotated[int, typer.Option(min=0, help="Of a request: what would it cost?")] = 0,
    cached_tokens: Annotated[int, typer.Option(min=0, help="Of these, read from the cache.")] = 0,
    written_tokens: Annotated[int, typer.Option(min=0, help="Of these, written to the cache.")] = 0,
    output_tokens: Annotated[int, typer.Option(min=0, help="Of the answer.")] = 0,
) -> None:
    """Show what hosted models charge, or what a request costs there with a cache and without."""
    from kvcache import Usage  # noqa: PLC0415
    from semantic_cache.cli import kv as commands  # noqa: PLC0415  (other commands never need a model's library)

    if cached_tokens + written_tokens > prompt_tokens:
        raise typer.BadParameter("cached and written tokens are parts of the prompt's; together they exceed them")
    commands.run_prices(file, Usage(prompt_tokens, cached_tokens, output_tokens, written_tokens), console)


@kv_app.command()
def stats(
    prompts: Prompts,
    model: Model = DEFAULT_LANGUAGE_MODEL,
    dtype: Dtype = "float32",
    price: Annotated[str | None, typer.Option(help="Of this hosted model: what would the same have cost?")] = None,
    file: PriceFile = None,
    block_tokens: BlockTokens = 128,
) -> None:
    """Ask prompts one after the other, and show what the cache did and saved."""
    from semantic_cache.cli import kv as commands  # noqa: PLC0415  (other commands never need a model's library)

    commands.run_stats(commands.Source(model, dtype, prompts, block_tokens), price, file, console)


@kv_app.command()
def explain(
    prompts: Prompts,
    model: Model = DEFAULT_LANGUAGE_MODEL,
    dtype: Dtype = "float32",
    block_tokens: BlockTokens = 128,
) -> None:
    """Ask prompts one after the other, and show for each what was read from the cache, and why not more."""
    from semantic_cache.cli import kv as commands  # noqa: PLC0415  (other commands never need a model's library)

    commands.run_explain(commands.Source(model, dtype, prompts, block_tokens), console)
