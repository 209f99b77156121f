"""Says how a text is made: its sentences and its most frequent words.

    python /words.py < text
"""

import re
import statistics
import sys
import textwrap
from collections import Counter

COMMON = set("a all and any at be but by could did do for from had he her his in is it its not of on or so that the "
             "to was where when who will with".split())


def main():
    text = sys.stdin.read()
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if s]
    words = re.findall(r"[a-z]+", text.lower())
    if not words:
        sys.exit("words.py: the text has no words")

    lengths = [len(s.split()) for s in sentences]
    print(f"{len(words)} words, {len(set(words))} different, in {len(sentences)} sentences")
    print(f"a sentence has {statistics.mean(lengths):.1f} words, give or take {statistics.pstdev(lengths):.1f}")

    print("\nmost frequent:")
    told = Counter(word for word in words if word not in COMMON)
    for word, count in sorted(told.items(), key=lambda item: (-item[1], item[0]))[:8]:
        print(f"{count:5}  {word}  {'#' * count}")

    print("\nthe longest sentence:")
    print(textwrap.fill(max(sentences, key=len), width=72, initial_indent="    ", subsequent_indent="    "))


main()
