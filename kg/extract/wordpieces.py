"""Words cut into the pieces a vocabulary has: the likeliest cut under a unigram model, by Viterbi's algorithm.

After Kudo, « Subword Regularization » (2018), as SentencePiece does it at reading time, a word at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

START = "▁"
UNKNOWN = "<unk>"


class WordPieces:
    """Cuts words. ``pieces`` and their log probabilities ``scores``; a word's first piece begins with ``▁``; marks such as
    ``<Company>`` are pieces of their own. What no piece covers is ``<unk>``."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self.index = {piece: i for i, piece in enumerate(pieces)}
        self.scores = scores
        self.longest = max(map(len, pieces))
        self.unknown = self.index[UNKNOWN]
        self._penalty = min(scores) - 10
        self._cut: dict[str, tuple[int, ...]] = {}

    def __call__(self, word: str) -> tuple[int, ...]:
        """The indices of a word's pieces."""
        if word not in self._cut:
            if len(self._cut) > 200_000:
                self._cut.clear()
            marked = self.index.get(word) if word.startswith("<") else None
            self._cut[word] = (marked,) if marked is not None else self._viterbi(START + word[:60])
        return self._cut[word]

    def _viterbi(self, text: str) -> tuple[int, ...]:
        best: list[tuple[float, int, int]] = [(0.0, -1, -1)]  # score, piece, where it begins
        for end in range(1, len(text) + 1):
            ways = [(best[end - 1][0] + self._penalty, self.unknown, end - 1)]
            for start in range(max(0, end - self.longest), end):
                piece = self.index.get(text[start:end])
                if piece is not None:
                    ways.append((best[start][0] + self.scores[piece], piece, start))
            best.append(max(ways))
        out: list[int] = []
        at = len(text)
        while at:
            out.append(best[at][1])
            at = best[at][2]
        return tuple(reversed(out))
