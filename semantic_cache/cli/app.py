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
from semantic_cache.cli.console import console
from semantic_cache.cli.kv_app import kv_app
from semantic_cache.cli.lexicon_app import Lexicons, lexicon_app
from semantic_cache.cli.options import (
    BaseUrl,
    Cuts,
    Document,
    Embedder,
    Index,
    MaxBytes,
    MaxEntries,
    MaxTokens,
    Model,
    StoreUrl,
    System,
    Tenant,
    ThresholdOption,
    Ttl,
    WrongHits,
    settings_of,
)
from semantic_cache.cli.show import print_answer, print_stats
from semantic_cache.cli.store_app import store_app
from semantic_cache.errors import SamewiseError
from semantic_cache.settings import SWEEP_SECONDS
from semantic_cache.store_url import shown_url

__all__ = ["app", "run"]

app = typer.Typer(
    help="Samewise answers a question once: a semantic response cache over a local model with a KV prefix cache.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="The bundled models.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(lexicon_app, name="lexicon")
app.add_typer(store_app, name="store")
app.add_typer(kv_app, name="kv")


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

    if not run_demo(store, max_tokens, interactive=interactive, console=console):
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
    wrong_hits: WrongHits = None,
    cuts: Cuts = None,
    threshold: ThresholdOption = None,
    max_tokens: MaxTokens = 256,
    tenant: Tenant = "public",
) -> None:
    """Ask one question; the answer is written as it comes, and then where it came from."""
    settings = settings_of(
        store=store, system=system, documents=document, model=model, base_url=base_url,
        embedder=embedder, wrong_hits=wrong_hits, cuts=cuts, threshold=threshold, max_tokens=max_tokens,
    )  # fmt: skip
    with SemanticCache.open(settings) as cache:
        print_answer(cache.stream(question, tenant=tenant), console)


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
        console.print(f"Stored as entry {entry.id}: {escape(entry.question)}")


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
        console.print(f"{report.added} questions added, {report.replaced} replaced.")


@app.command()
def explain(
    question: str,
    other: Annotated[str | None, typer.Argument(help="Another question: do the two share a key, and why?")] = None,
    lexicon: Lexicons = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    answer: Annotated[
        bool, typer.Option("--answer", help="Answer too, and say what of the prompt the model had to read, and why.")
    ] = False,
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    model: Model = None,
    base_url: BaseUrl = None,
    embedder: Embedder = None,
    wrong_hits: WrongHits = None,
    cuts: Cuts = None,
    threshold: ThresholdOption = None,
    tenant: Tenant = "public",
) -> None:
    """Show how a question was rewritten, by which lexicon line; with a store also what it decides."""
    from semantic_cache.cli.explain import Decided, run_explain

    texts = [question] if other is None else [question, other]
    if store is None:
        if answer:
            raise typer.BadParameter("--answer needs a store to look in; give one with --store")
        run_explain(texts, lexicon or (), as_json=as_json, console=console)
        return
    settings = settings_of(
        store=store, system=system, documents=document, model=model, base_url=base_url, embedder=embedder,
        wrong_hits=wrong_hits, cuts=cuts, threshold=threshold, lexicons=lexicon,
    )  # fmt: skip
    with SemanticCache.open(settings) as cache:
        decisions = [cache.explain(text, tenant=tenant) for text in texts]
        answers = [cache.ask(text, tenant=tenant) for text in texts] if answer else []
    run_explain(texts, lexicon or (), as_json=as_json, console=console, decided=Decided(decisions, answers))


@app.command()
def feedback(
    entry_id: int,
    right: Annotated[bool, typer.Option("--right/--wrong", help="Was its answer right for the question?")],
    question: Annotated[str | None, typer.Option(help="What was asked; without it the entry's own question.")] = None,
    note: Annotated[str, typer.Option(help="Why, for people.")] = "",
    store: StoreUrl = None,
    tenant: Tenant = "public",
) -> None:
    """Say whether a stored answer was right: a wrong one is not served for that question again."""
    from semantic_cache.cli.feedback import run_feedback

    run_feedback(
        settings_of(store=store), entry_id, correct=right, question=question, note=note, tenant=tenant, console=console
    )


@app.command()
def stats(store: StoreUrl = None) -> None:
    """Count what the store holds."""
    with SemanticCache.open(settings_of(store=store)) as cache:
        print_stats(shown_url(cache.settings.store), cache.stats(), console)


@app.command()
def serve(
    store: StoreUrl = None,
    system: System = None,
    document: Document = None,
    model: Model = None,
    base_url: BaseUrl = None,
    embedder: Embedder = None,
    wrong_hits: WrongHits = None,
    cuts: Cuts = None,
    threshold: ThresholdOption = None,
    max_tokens: MaxTokens = 256,
    shadow_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of hits by meaning to check against the model, as 0.01.")
    ] = 0.0,
    log_questions: Annotated[
        bool, typer.Option("--log-questions", help="Keep the words of questions with the decisions about them.")
    ] = False,
    ttl: Ttl = None,
    max_entries: MaxEntries = None,
    max_bytes: MaxBytes = None,
    index: Index = None,
    no_warm: Annotated[
        bool, typer.Option("--no-warm", help="Load the model with the first question that needs it, not at the start.")
    ] = False,
    tenant: Tenant = "public",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Answer OpenAI's /v1/chat/completions over HTTP, plain and streamed. SAMEWISE_API_KEY, if set, is asked for."""
    from semantic_cache.server import run_server

    settings = settings_of(
        store=store, system=system, documents=document, model=model, base_url=base_url,
        embedder=embedder, wrong_hits=wrong_hits, cuts=cuts, threshold=threshold, max_tokens=max_tokens,
        shadow_share=shadow_share, log_questions=log_questions, ttl=ttl, max_entries=max_entries, max_bytes=max_bytes,
        index=index, sweep_seconds=SWEEP_SECONDS, warm=not no_warm and base_url is None,
    )  # fmt: skip
    run_server(settings, tenant=tenant, host=host, port=port, api_key=os.environ.get("SAMEWISE_API_KEY") or None)


@app.command()
def tune(
    pairs: Path,
    wrong_hits: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Wanted share of served answers that may be wrong.")
    ] = 0.02,
    write: Annotated[Path | None, typer.Option(help="Keep what budgets are chosen on, for --cuts.")] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Put it into the store: all that serve from it use it within a second.")
    ] = False,
    embedder: Embedder = None,
    store: StoreUrl = None,
) -> None:
    """Draw hits against wrong hits on labelled pairs (columns question, other, same) and name the threshold to use."""
    from semantic_cache.cli.tune import Kept, run_tune

    settings = settings_of(embedder=embedder, store=store)
    run_tune(pairs, wrong_hits, settings, console, Kept(write, in_store=apply))


@models_app.command("fetch")
def fetch() -> None:
    """Fetch, verify and convert the bundled models; what is ready is left as it is."""
    from semantic_cache.models import fetch_all

    for name, folder in fetch_all().items():
        console.print(f"{name}: {folder}", soft_wrap=True)
