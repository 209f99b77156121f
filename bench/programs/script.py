"""What scripts do: classes, dictionaries, strings, generators, big integers, JSON and regular expressions."""

import heapq
import json
import re
import sys

random_state = 88172645463325252


def draw(limit):
    global random_state
    random_state ^= random_state << 13 & 0xFFFFFFFFFFFFFFFF
    random_state ^= random_state >> 7
    random_state ^= random_state << 17 & 0xFFFFFFFFFFFFFFFF
    return random_state % limit


class Graph:
    def __init__(self, size):
        self.edges = {node: [] for node in range(size)}
        for node in range(size):
            for _ in range(4):
                self.edges[node].append((draw(size), 1 + draw(100)))

    def distances(self, start):
        best = {start: 0}
        queue = [(0, start)]
        while queue:
            distance, node = heapq.heappop(queue)
            if distance > best[node]:
                continue
            for neighbour, length in self.edges[node]:
                if distance + length < best.get(neighbour, 1 << 30):
                    best[neighbour] = distance + length
                    heapq.heappush(queue, (distance + length, neighbour))
        return best


def words(count):
    for _ in range(count):
        yield "".join(chr(97 + draw(26)) for _ in range(2 + draw(6)))


def main():
    rounds = int(sys.argv[1])
    for _ in range(rounds):
        reached = Graph(1500).distances(0)
        print(len(reached), sum(reached.values()))

        text = " ".join(words(3000))
        counts = {}
        for word in re.findall(r"[a-m]\w+", text):
            counts[word] = counts.get(word, 0) + 1
        record = json.dumps(sorted(counts.items()))
        print(len(record), len(json.loads(record)))

        factorial = 1
        for n in range(2, 300):
            factorial *= n
        print(sum(map(int, str(factorial))))


main()
