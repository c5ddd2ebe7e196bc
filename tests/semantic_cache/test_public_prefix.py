"""The operator's part of the prompt is read once for all tenants; nothing else of a prompt is ever shared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from byte_tokenizer import byte_tokenizer
from fakes import MakeBench
from tiny_families import save_family

from normalize import Message
from semantic_cache import Settings
from semantic_cache.documents import Document
from semantic_cache.generator import Completion, Prompt
from semantic_cache.local_generator import LocalGenerator
from semantic_cache.prompt_text import shared_text, system_text
from semantic_cache.public_prefix import Declared, PublicPrefixes
from semantic_cache.request import SamplingOptions

_SHARED = "You are the desk of a hotel by the lake. The pool is on the ninth floor. " * 5
_TALK = (Message("user", "My room is 1207 and my name is Ada. " * 8), Message("assistant", "Noted."))
_ASK = Prompt(_SHARED, (), "Where is it?", "a", SamplingOptions(1, 0.0), _SHARED)

MakeGenerator = Callable[..., LocalGenerator]


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama over bytes: a token a letter."""
    return save_family("llama", tmp_path_factory.mktemp("llama"), max_position_embeddings=4096)


@pytest.fixture
def make_generator(small_model: Path) -> Iterator[MakeGenerator]:
    made: list[LocalGenerator] = []

    def make(
        model: Path = small_model, *, kv_max_bytes: int = 1 << 26, kv_folder: Path | None = None
    ) -> LocalGenerator:
        made.append(
            LocalGenerator(
                str(model), dtype="float32", kv_max_bytes=kv_max_bytes, show_progress=False, kv_folder=kv_folder
            )
        )
        return made[-1]

    yield make
    for generator in made:
        generator.close()


def _done(generator: LocalGenerator, prompt: Prompt) -> Completion:
    *_, completion = generator.generate(prompt)
    assert isinstance(completion, Completion)
    return completion


def _cached(generator: LocalGenerator, prompt: Prompt) -> int:
    return _done(generator, prompt).usage.cached_tokens


def _system_tokens(generator: LocalGenerator, text: str = _SHARED) -> int:
    whole = [{"role": "system", "content": text}]
    return len(generator.load().parts.encoder.encode(whole, for_answer=False))


def test_a_tenants_first_answer_reads_the_system_prompt_that_only_another_has_used(
    make_generator: MakeGenerator,
) -> None:
    generator = make_generator()
    first = _done(generator, _ASK).usage
    assert first.cached_tokens == 0
    second = _done(generator, replace(_ASK, tenant="b", question="And when?")).usage
    assert second.cached_tokens == _system_tokens(generator)
    assert second.cached_tokens + second.written_tokens == second.prompt_tokens


def test_what_a_tenant_said_is_never_read_by_another(make_generator: MakeGenerator) -> None:
    generator = make_generator()
    talk = replace(_ASK, history=_TALK)
    _done(generator, talk)
    system = _system_tokens(generator)
    assert _cached(generator, talk) > system + 100
    assert _cached(generator, replace(talk, tenant="b")) == system


def test_what_a_user_said_is_never_read_by_another_user_of_the_tenant(make_generator: MakeGenerator) -> None:
    generator = make_generator()
    talk = replace(_ASK, history=_TALK, user="ann")
    _done(generator, talk)
    system = _system_tokens(generator)
    for user in ("bob", None):
        assert _cached(generator, replace(talk, user=user)) == system
    assert _cached(generator, talk) > system + 100


def test_a_system_message_of_a_client_stays_its_tenants(make_generator: MakeGenerator) -> None:
    generator = make_generator()
    private = replace(_ASK, system=system_text(_SHARED, "Our margin is forty percent. " * 20))
    _done(generator, private)
    read = _cached(generator, replace(private, tenant="b"))
    assert 0 < read <= len(_SHARED) + len("<system\n")
    assert _cached(generator, private) > read + 128


def test_only_what_the_operator_wrote_is_declared(make_bench: MakeBench) -> None:
    document = Document("handbook.md", "The sauna opens at seven.", "1")
    bench = make_bench(settings=Settings(store="sqlite://", system="Be brief."), documents=(document,))
    bench.cache.ask("Where is the pool?", history=[{"role": "system", "content": "Our margin is 40 %."}], user="ann")
    (prompt,) = bench.generator.prompts
    assert (
        prompt.shared
        == shared_text("Be brief.", (document,))
        == "Be brief.\n\n# Document: handbook.md\n\nThe sauna opens at seven."
    )
    assert prompt.system == f"{prompt.shared}\n\nOur margin is 40 %."
    assert prompt.user == "ann"


def test_an_edited_document_is_declared_too(make_generator: MakeGenerator) -> None:
    generator = make_generator()
    _done(generator, _ASK)
    text = _SHARED.replace("ninth", "tenth")
    edited = replace(_ASK, system=text, shared=text)
    _done(generator, edited)
    assert _cached(generator, replace(edited, tenant="b")) == _system_tokens(generator, text)


def test_what_has_gone_is_declared_again(make_generator: MakeGenerator) -> None:
    generator = make_generator()
    _done(generator, _ASK)
    generator.load().cache.clear()
    after = _done(generator, _ASK)
    assert after.usage.cached_tokens == 0
    assert after.prefix is not None
    assert after.prefix.cause == "cleared"
    assert _cached(generator, replace(_ASK, tenant="b")) == 0
    assert _cached(generator, replace(_ASK, tenant="c")) == _system_tokens(generator)


def test_of_many_who_come_at_once_one_computes_what_all_share(make_generator: MakeGenerator) -> None:
    generator = make_generator()
    with ThreadPoolExecutor(6) as threads:
        read = list(threads.map(lambda name: _cached(generator, replace(_ASK, tenant=name)), "abcdef"))
    assert sorted(read) == [0, *[_system_tokens(generator)] * 5]


class TestNothingThatCannotBeDeclaredFailsARequest:
    def test_because_it_does_not_fit_the_budget(
        self, make_generator: MakeGenerator, caplog: pytest.LogCaptureFixture
    ) -> None:
        generator = make_generator(kv_max_bytes=100_000)  # a few blocks of 128 tokens
        long = _SHARED * 5
        for tenant in ("a", "b"):
            assert _done(generator, replace(_ASK, system=long, shared=long, tenant=tenant)).usage.completion_tokens <= 1
        (told,) = caplog.records
        assert "kv_max_bytes=100000" in told.getMessage()

    def test_because_nothing_is_kept_at_all(
        self, make_generator: MakeGenerator, caplog: pytest.LogCaptureFixture
    ) -> None:
        done = _done(make_generator(kv_max_bytes=0), _ASK)
        assert (done.usage.cached_tokens, done.usage.written_tokens) == (0, 0)
        assert done.prefix is not None
        assert (done.prefix.cause, done.prefix.lost_tokens) == ("cache_off", done.usage.prompt_tokens)
        assert caplog.records == []

    def test_because_the_chat_template_wants_a_question(
        self, make_generator: MakeGenerator, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        save_family("llama", tmp_path)
        tokenizer = byte_tokenizer()
        refusal = "{% if messages | length == 1 %}{{ raise_exception('You are the desk: no question') }}{% endif %}"
        tokenizer.chat_template = refusal + str(tokenizer.chat_template)
        tokenizer.save_pretrained(tmp_path)
        generator = make_generator(tmp_path)
        brief = replace(_ASK, system="You are the desk.", shared="You are the desk.")
        for _ in range(2):
            _done(generator, brief)
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        assert "PromptError" in caplog.text
        assert "desk" not in caplog.text


class TestWhyItMissed:
    def test_the_first_request_counts_what_was_read_for_all_as_its_own(self, make_generator: MakeGenerator) -> None:
        done = _done(make_generator(), _ASK)
        assert done.prefix is not None
        assert (done.prefix.cause, done.prefix.segment, done.prefix.position) == ("new", "system", 0)
        assert done.prefix.lost_tokens == done.usage.prompt_tokens
        assert done.usage.written_tokens == done.usage.prompt_tokens
        assert 0 < done.prefix.lost_ms <= done.first_token_ms

    def test_the_next_one_names_the_words_from_which_on_it_is_new(self, make_generator: MakeGenerator) -> None:
        generator = make_generator()
        _done(generator, _ASK)
        done = _done(generator, replace(_ASK, question="Where was it?"))
        assert done.prefix is not None
        assert (done.prefix.cause, done.prefix.segment) == ("new", "user 1")
        assert done.prefix.text.startswith("was it?")
        assert done.prefix.lost_tokens == done.usage.prompt_tokens - done.usage.cached_tokens
        assert '"was it?' in str(done.prefix)

    def test_a_prompt_that_was_read_whole_has_none(self, make_generator: MakeGenerator) -> None:
        generator = make_generator()
        _done(generator, _ASK)
        done = _done(generator, _ASK)
        assert (done.prefix, done.usage.written_tokens) == (None, 0)
        assert done.usage.cached_tokens == done.usage.prompt_tokens

    def test_it_says_the_same_whether_another_tenant_asked_it_or_not(self, make_generator: MakeGenerator) -> None:
        secret, told = replace(_ASK, history=_TALK), []
        for before in (_ASK, secret):
            generator = make_generator()
            _done(generator, before)
            prefix = _done(generator, replace(secret, tenant="b")).prefix
            assert prefix is not None
            told.append(replace(prefix, lost_ms=0.0))
        assert told[0] == told[1]


def test_what_comes_up_from_the_disk_after_a_restart_counts_as_read(
    make_generator: MakeGenerator, language_model: Path, tmp_path: Path
) -> None:
    long = replace(_ASK, system=_SHARED * 2, shared=_SHARED * 2)
    generator = make_generator(language_model, kv_folder=tmp_path / "states")
    assert _cached(generator, long) == 0
    system = _system_tokens(generator, long.shared)
    generator.close()
    again = make_generator(language_model, kv_folder=tmp_path / "states")
    assert _cached(again, replace(long, tenant="b")) == system


def test_what_could_not_be_kept_for_a_moment_is_tried_again_later(
    make_generator: MakeGenerator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    public = PublicPrefixes(make_generator().load(), clock=lambda: now[0])
    with monkeypatch.context() as broken:
        broken.setattr(type(public.model), "warm", _no_memory)
        assert public.declare(_ASK) == Declared()
    now[0] = 59.0
    assert public.declare(_ASK) == Declared()
    assert public.model.cache.stats().blocks == 0
    now[0] = 61.0
    assert public.declare(_ASK).tokens > 0
    assert "not kept for all tenants together: RuntimeError" in caplog.text


def _no_memory(*_: object, **__: object) -> int:
    raise RuntimeError("no memory")
