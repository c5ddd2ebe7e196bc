"""`samewise`: one function a command; what they do is in the modules beside it, each loaded only when it is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from semantic_cache.cache import SemanticCache
from semantic_cache.cli.options import (
    BaseUrl,
    Document,
    Embedder,
    MaxTokens,
    Model,
    StoreUrl,
    System,
    Tenant,
    ThresholdOption,
    settings_of,
)
from semantic_cache.cli.show import print_answer, print_explanation, print_stats
from semantic_cache.errors import SamewiseError

__all__ = ["app", "run"]

app = typer.Typer(
    help="Samewise answers a question once: a semantic response cache over a local model with a KV prefix cache.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="The bundled models.", no_args_is_help=True)
app.add_typer(models_app, name="models")

_PIPE_WIDTH = 150

# A pipe has no width of its own: tables get one that fits them.
_out = Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=_PIPE_WIDTH)


def run() -> None:
    """Run the command line. An error of ours is one line on standard error and exit code 1."""
    try:
        app()
    except SamewiseError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red]{type(error).__name__}[/red]: {escape(str(error))}"
        )
        sys.exit(1)


@app.command()
def demo(
    interactive: Annotated[bool, typer.Option("--interactive", help="Go on asking afterwards.")] = False,
    store: Annotated[
        str, typer.Option(help="Store URL. In memory by default, so that every run is alike.")
    ] = "sqlite://",
    max_tokens: MaxTokens = 40,
) -> None:
    """Import a small FAQ, load a real document, ask a scripted dozen of questions and show what each took."""
    from semantic_cache.cli.demo import run_demo

    if not run_demo(store, max_tokens, interactive=interactive, console=_out):
        raise typer.Exit(1)


@app.command()
def ask(
    question: str,
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    model: Model = None,
    base_url: BaseUrl = None,
    embedder: Embedder = None,
    threshold: ThresholdOption = None,
    max_tokens: MaxTokens = 256,
    tenant: Tenant = "public",
) -> None:
    """Ask one question; the answer is written as it comes, and then where it came from."""
    settings = settings_of(
        store=store, system=system, documents=document, model=model, base_url=base_url,
        embedder=embedder, threshold=threshold, max_tokens=max_tokens,
    )  # fmt: skip
    with SemanticCache.open(settings) as cache:
        print_answer(cache.stream(question, tenant=tenant), _out)


@app.command()
def add(
    question: str,
    answer: str,
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    embedder: Embedder = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
    tenant: Tenant = "public",
) -> None:
    """Keep an answer that you wrote. The same question gets the new answer."""
    with SemanticCache.open(settings_of(store=store, system=system, documents=document, embedder=embedder)) as cache:
        entry = cache.add(question, answer, tenant=tenant, tags=tag or ())
        _out.print(f"Stored as entry {entry.id}: {escape(entry.question)}")


@app.command("import")
def import_file(
    file: Path,
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    embedder: Embedder = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag for every row; may be repeated.")] = None,
    tenant: Tenant = "public",
) -> None:
    """Keep every answer of a csv, tsv or jsonl file with the columns question, answer and, if you like, tags."""
    with SemanticCache.open(settings_of(store=store, system=system, documents=document, embedder=embedder)) as cache:
        report = cache.import_faq(file, tenant=tenant, tags=tag or ())
        _out.print(f"{report.added} questions added, {report.replaced} replaced.")


@app.command()
def explain(
    question: str,
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    embedder: Embedder = None,
    threshold: ThresholdOption = None,
    tenant: Tenant = "public",
) -> None:
    """Show every step of the decision for a question, without answering it."""
    settings = settings_of(store=store, system=system, documents=document, embedder=embedder, threshold=threshold)
    with SemanticCache.open(settings) as cache:
        print_explanation(cache.explain(question, tenant=tenant), _out)


@app.command()
def stats(store: StoreUrl = None) -> None:
    """Count what the store holds."""
    with SemanticCache.open(settings_of(store=store)) as cache:
        print_stats(cache.settings.store, cache.stats(), _out)


@app.command()
def serve(
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    model: Model = None,
    base_url: BaseUrl = None,
    embedder: Embedder = None,
    threshold: ThresholdOption = None,
    max_tokens: MaxTokens = 256,
    tenant: Tenant = "public",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Answer OpenAI's /v1/chat/completions over HTTP, plain and streamed. SAMEWISE_API_KEY, if set, is asked for."""
    from semantic_cache.server import run_server

    settings = settings_of(
        store=store, system=system, documents=document, model=model, base_url=base_url,
        embedder=embedder, threshold=threshold, max_tokens=max_tokens,
    )  # fmt: skip
    run_server(settings, tenant=tenant, host=host, port=port, api_key=os.environ.get("SAMEWISE_API_KEY") or None)


@app.command()
def tune(
    pairs: Path,
    wrong_hits: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Wanted share of served answers that may be wrong.")
    ] = 0.02,
    embedder: Embedder = None,
) -> None:
    """Draw hits against wrong hits on labelled pairs (columns question, other, same) and name the threshold to use."""
    from semantic_cache.cli.tune import run_tune

    run_tune(pairs, wrong_hits, settings_of(embedder=embedder), _out)


@models_app.command("fetch")
def fetch() -> None:
    """Fetch, verify and convert the bundled models; what is ready is left as it is."""
    from semantic_cache.models import fetch_all

    for name, folder in fetch_all().items():
        _out.print(f"{name}: {folder}", soft_wrap=True)
