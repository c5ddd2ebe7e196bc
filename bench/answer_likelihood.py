"""Does the local model find a stored answer likelier under a question it answers than under a near one it does not?

    python bench/answer_likelihood.py [--data ../shared/data] [--questions 56]

For each question of stackfaq: the mean log probability of the first words of its answer after a rephrasing of it, and
after a rephrasing of the nearest other question. A verifier could use the number if it told the two apart.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from labelled import read_clusters
from machine import describe, spread, write
from sklearn.metrics import roc_auc_score
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from semantic_cache.embedder import open_embedder
from semantic_cache.models import language_model_path

_ANSWER_TOKENS = 48


def log_probability(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, question: str, answer: str) -> float:
    """Mean log probability of the answer's first tokens after the question as a chat's turn."""
    chat = [{"role": "user", "content": question}]
    prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    before = tokenizer(str(prompt), return_tensors="pt").input_ids
    after = tokenizer(answer, return_tensors="pt").input_ids[:, :_ANSWER_TOKENS]
    with torch.no_grad():
        logits = model(torch.cat([before, after], dim=1)).logits[0, before.shape[1] - 1 : -1]
    picked = torch.log_softmax(logits, dim=-1).gather(1, after[0][:, None])
    return float(picked.mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--questions", type=int, default=56)
    options = parser.parse_args()
    if not (options.data / "stackfaq").is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    path = language_model_path()
    model, tokenizer = AutoModelForCausalLM.from_pretrained(str(path)), AutoTokenizer.from_pretrained(str(path))
    model.train(False)
    with (options.data / "stackfaq" / "dev.jsonl").open(encoding="utf-8") as file:
        answers = {row["question"]: row["answer"] for row in map(json.loads, file)}
    clusters: dict[str, list[str]] = {}
    for one in read_clusters(options.data, "stackfaq_clusters"):
        clusters.setdefault(one.cluster, []).append(one.text)
    known = [texts for texts in clusters.values() if texts[0] in answers and len(texts) > 2][: options.questions]
    titles = open_embedder().encode([texts[0] for texts in known])
    near = titles @ titles.T - 2 * np.eye(len(known))
    scores, same, times = [], [], []
    for place, texts in enumerate(known):
        other = known[int(near[place].argmax())]
        base = log_probability(model, tokenizer, "Tell me something.", answers[texts[0]])
        for question, label in ((texts[1], True), (texts[2], True), (other[1], False), (other[2], False)):
            started = perf_counter()
            scores.append(log_probability(model, tokenizer, question, answers[texts[0]]) - base)
            times.append(1000 * (perf_counter() - started))
            same.append(label)
    vectors = open_embedder()
    cosines = []
    for place, texts in enumerate(known):
        other = known[int(near[place].argmax())]
        rows = vectors.encode([texts[0], texts[1], texts[2], other[1], other[2]])
        cosines += (rows[1:] @ rows[0]).tolist()
    result = {
        **describe("torch", "transformers"),
        "questions": len(known),
        "area, likelihood": round(float(roc_auc_score(same, scores)), 4),
        "area, cosine": round(float(roc_auc_score(same, cosines)), 4),
        "area, both": round(float(roc_auc_score(same, _ranks(scores) + _ranks(cosines))), 4),
        "milliseconds": spread(times),
    }
    print(write("answer_likelihood", result))
    print(json.dumps(result, indent=1))


def _ranks(values: list[float]) -> np.ndarray:
    ranks: np.ndarray = np.argsort(np.argsort(values)) / len(values)
    return ranks


if __name__ == "__main__":
    main()
