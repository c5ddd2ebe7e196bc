"""A conversation as it goes on: what was said so far, as far as it decides what the next turn asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from normalize.clues import Clues
from normalize.context import Keys
from normalize.ellipsis import complete
from normalize.errors import TextError
from normalize.pronouns import with_noun
from normalize.question import Message, Question, Step
from normalize.standalone import Standing, condition, dependence, place, standing, topics
from normalize.turns import Turn, read_turn


@dataclass(slots=True)
class Thread:
    """What was said so far, as far as it decides whether the next turn stands alone."""

    keys: Keys
    clues: Mapping[str, Clues]
    condition: Step | None = None
    topics: set[str] = field(default_factory=set)
    only_operator: bool = True
    """Every turn so far asked about the one who is asked."""
    base: Turn | None = None
    """The whole question before, where it is known for sure."""
    place: Step | None = None
    """A place that was spoken of: the one who is asked may have another address or other hours there."""
    is_first: bool = True
    reply: str = ""
    """What the assistant said since."""

    def hear(self, message: Message, *, is_reply_to_chatter: bool) -> None:
        """Take in a turn that is no chatter."""
        if message.role == "assistant":
            if not is_reply_to_chatter:
                self.only_operator, self.is_first = self.only_operator and not self.is_first, False
                # It asked back: what follows may be the answer rather than the next question.
                self.base = None if "?" in message.content[-300:] else self.base
                self.reply += message.content
            return
        self.reply = ""
        try:
            question = self.keys(message.content)
        except TextError:  # too long or not encodable: it may have said anything
            self._unread("can't be read", message.content)
            return
        turn = self._turn(question)
        if turn is None:
            self._unread("no known language", question.text)
            return
        self.base = self._as_base(turn)
        self._remember(self.base or turn)
        self.is_first = False

    def reading(self, question: Question) -> tuple[Question | None, Step]:
        """The whole question that a turn asks (None: it depends on the conversation), and what decided."""
        turn = self._turn(question)
        if turn is None:
            return None, Step("conversation: no known language", question.text, question.text)
        clues = self._clues_of(turn)
        step = dependence(turn, clues) or self._leak(turn, clues)
        if step is None:
            tie = standing(turn, clues).value
            return question, Step(f"{clues.language}.conversation: stands alone ({tie})", turn.text, turn.text)
        completed = None
        if self.base is not None:
            clues = self._clues_of(self.base)
            completed = complete(turn, self.base, clues) or with_noun(turn, self.base, self.reply, clues)
        if completed is None:
            return None, step
        try:
            return self.keys(completed[0]), completed[1]
        except TextError:  # with the words put in it is too long
            return None, step

    def _turn(self, question: Question) -> Turn | None:
        # A remnant such as "and Rome?" has too few words to show its language.
        language = question.language
        if language not in self.clues and self.base is not None:
            language = self.base.question.language
        return read_turn(question, self.clues[language]) if language in self.clues else None

    def _clues_of(self, turn: Turn) -> Clues:
        language = turn.question.language
        if language not in self.clues and self.base is not None:
            language = self.base.question.language
        return self.clues[language]

    def _as_base(self, turn: Turn) -> Turn | None:
        """`turn` as a whole question: nothing was said before it, or it stands alone, or it can be completed."""
        clues = self._clues_of(turn)
        if self.is_first:
            return turn if _is_whole(turn, clues) else None
        question, _ = self.reading(turn.question)
        return self._turn(question) if question is not None else None

    def _remember(self, turn: Turn) -> None:
        clues = self._clues_of(turn) if turn.question.language in self.clues else None
        if clues is None:
            self._unread("no known language", turn.text)
            return
        self.condition = self.condition or condition(turn, clues)
        self.place = self.place or place(turn, clues)
        self.topics |= topics(turn, clues)
        self.only_operator = self.only_operator and standing(turn, clues) is Standing.OPERATOR

    def _unread(self, why: str, text: str) -> None:
        self.condition = self.condition or Step(f"conversation: {why}", text, text)
        self.base, self.is_first = None, False

    def _leak(self, turn: Turn, clues: Clues) -> Step | None:
        """What was said before that may change a turn which points to nothing."""
        tie = standing(turn, clues)
        if tie is Standing.NOTHING:
            return Step(f"{clues.language}.conversation: tied to nothing", turn.text, turn.text)
        changed = self.condition or (self.place if tie is not Standing.NAMED else None)
        if changed is not None:
            return changed
        shared = sorted(self.topics & topics(turn, clues))
        if shared:
            return Step(f"{clues.language}.conversation: again about {shared[0]}…", turn.text, turn.text)
        if tie is Standing.PARTY and not self.only_operator:
            return Step(f"{clues.language}.conversation: perhaps about what was asked before", turn.text, turn.text)
        return None


def _is_whole(turn: Turn, clues: Clues) -> bool:
    """Whether a conversation's first question can be the pattern of the next."""
    if len(turn.sentences) != 1:
        return False
    said = turn.sentences[0]
    words = said.words[1:]
    begins_anew = clues.follow_ups.at(said.words, 0) is None
    has_form = said.asks or bool(clues.lexicon.markers.any(said.words))
    return begins_anew and has_form and not clues.pointers.any(words) and not clues.instructing.any(said.words)
