"""Lexicon files: yours over the bundled, and clear words about what is wrong with one."""

from pathlib import Path

import pytest

from normalize import LexiconError, Normalizer


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("synonyms: {a: [b]}", "mine.yaml:1: `language` is missing"),
        ("language: und", "language 'und' .* name another"),
        ("language: en\nsynonims: {a: [b]}", "mine.yaml:2: unknown section 'synonims'.*synonyms"),
        ("language: en\nsynonyms:\n  a: [b]\n  c: [b]", "mine.yaml:4: duplicate entry 'b'.*mine.yaml:3"),
        ("language: en\nsynonyms:\n  a: [b]\n  a: [c]", "mine.yaml:4: duplicate entry 'a'"),
        ("language: en\nfillers: [x,\n x]", "mine.yaml:3: duplicate entry 'x' in 'fillers'"),
        ("language: en\nsynonyms:\n  zig: [zag]\n  zog: [zig]", "mine.yaml:.: chain 'zag' → 'zig' → 'zog'"),
        ("language: en\nabbreviations: {zig: zag}\nsynonyms: {zog: [zig]}", "chain 'zag' → 'zig' → 'zog'"),
        ("language: en\nsynonyms: {a: [a]}", "stands for itself"),
        ("language: en\nsynonyms: [a]", "'synonyms' is a mapping"),
        ("language: en\nfillers: please", "'fillers' is a list"),
        ("language: en\nfillers: [[a]]", "a word is wanted"),
        ("language: en\nfillers: ['...']", "has no word"),
        ("language: en\nnumbers: {two: [zwei]}", "'two' in 'numbers' is no whole number"),
        ("language: en\nframes: {'how to {x}': [how to]}", "needs its slot once"),
        ("language: en\nframes: {'how to {x}': ['{x}']}", "no word beside its slot"),
        ("language: xx\nframes: {'how {x}': ['so {y}']}", "mine.yaml:2: frame 'so {y}' needs its slot once"),
        ("language: xx\nframes: {'how {x}': ['{x} and {y}']}", "need the same slots"),
        ("language: xx\nframes: {'a {x} b {y}': ['c {x}{y}']}", "no word between its slots"),
        ("language: xx\nframes: {'a {x} b {x}': ['c {x} d {x}']}", "needs its slot once"),
        ("language: xx\nframes: {'how {x}': ['how so {x}'], 'how so {x}': ['why {x}']}", "mine.yaml:2: chain"),
        ("language: xx\nframes:\n  'how so {x}': ['how {x}']", "mine.yaml:3: frame 'how {x}' leads in a circle"),
        (
            "language: xx\nframes:\n  'b {x} d': ['a {x} c']\n  'a {x}': ['b {x}']\n  '{x} c': ['{x} d']",
            r"mine.yaml:.: frame '.*' leads in a circle over 'xx.frame: ",
        ),
        ("language: xx\nsynonyms:\n  zag: [zig]\n  zig: [zag]", "mine.yaml:.: chain 'zi?a?g' → "),
        (
            "language: xx\nsynonyms: {a b: [Zig-zag]}\nabbreviations:\n  c: [zig-zag]",
            "mine.yaml:2: 'Zig-zag' becomes 'a b'.*yet 'zig-zag' becomes 'c' .mine.yaml:4",
        ),
        (
            "language: xx\ncontractions: {a: [zig]}\nsynonyms: {b: [zig]}",
            "'zig' becomes 'b' in 'synonyms'.*becomes 'a'",
        ),
        ("language: en\nsynonyms: {because: [u]}", "'u' becomes 'because' in 'synonyms'.*en.yaml:[0-9]+.: keep one"),
        ("language: en\nfillers: [never]", "facts/en.yaml|en.yaml:[0-9]+: 'never' in 'negations' is dropped"),
        (
            "language: en\nfillers: [colour]",
            "en.yaml:[0-9]+: 'colour' in 'synonyms' is dropped, for 'fillers' has 'colour'",
        ),
        ("language: en\npolarity: [{a: [b]}]", "two sides"),
        ("language: en\narticles: {dropp: [a]}", "unknown part 'dropp'.*drop, after, keep_before"),
        ("language: [", "no valid YAML"),
        ("- a", "is a mapping"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        Normalizer([written(tmp_path, text)])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"nowhere\.yaml: can't be read"):
        Normalizer([tmp_path / "nowhere.yaml"])


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"language: \xe9")
    with pytest.raises(LexiconError, match="byte 10 is not UTF-8"):
        Normalizer([path])


def test_your_entries_join_the_bundled_ones(tmp_path: Path) -> None:
    mine = Normalizer([written(tmp_path, "language: en\nsynonyms: {gift card: [e-voucher]}\nfillers: [pretty please]")])
    assert mine("How do I buy an e-voucher, pretty please?").key == mine("how can I buy a gift card").key
    assert Normalizer()("How do I buy an e-voucher?").key != Normalizer()("How do I buy a gift card?").key


def test_your_entry_replaces_the_bundled_one_with_the_same_words(tmp_path: Path) -> None:
    mine = Normalizer([written(tmp_path, "language: en\nsynonyms: {television set: [television]}")])
    assert mine("my television").key == "my television set"
    assert Normalizer()("my television").key == "my tv"


def test_a_lexicon_may_bring_a_new_language(tmp_path: Path) -> None:
    text = (
        "language: de\nstopwords: [wie, kann, ich, bitte]\nfillers: [bitte]\nframes: {'wie {x}': ['wie kann ich {x}']}"
    )
    question = Normalizer([written(tmp_path, text)])("Wie kann ich bitte bezahlen")
    assert (question.language, question.key) == ("de", "wie bezahlen")


def test_words_that_yaml_takes_for_yes_and_no_stay_words(tmp_path: Path) -> None:
    mine = Normalizer([written(tmp_path, "language: en\nsynonyms: {no: [nope], on: [switched]}")])
    assert mine("nope is it switched").key == "no is it on"


def test_the_abbreviation_of_a_filler_goes_as_the_filler_does(tmp_path: Path) -> None:
    mine = Normalizer(
        [written(tmp_path, "language: en\nabbreviations: {pretty please: [ppz]}\nfillers: [pretty please]")]
    )
    assert mine("ppz where do I sign").key == "where do i sign"
