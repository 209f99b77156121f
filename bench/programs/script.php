<?php
// What scripts do: arrays, strings, classes, sorting, regular expressions and JSON.

final class Dice
{
    // Integers have 32 bits here.
    private int $state = 12345;

    public function draw(int $sides): int
    {
        $this->state = ($this->state * 75 + 74) % 65537;
        return $this->state % $sides;
    }
}

function sieve(int $limit): int
{
    $composite = array_fill(0, $limit, false);
    $count = 0;
    for ($p = 2; $p < $limit; $p++) {
        if ($composite[$p]) continue;
        $count++;
        for ($m = $p * $p; $m < $limit; $m += $p) $composite[$m] = true;
    }
    return $count;
}

function words(Dice $dice, int $count): array
{
    $words = [];
    for ($i = 0; $i < $count; $i++) {
        $word = '';
        for ($j = 2 + $dice->draw(6); $j > 0; $j--) $word .= chr(97 + $dice->draw(26));
        $words[] = $word;
    }
    return $words;
}

$rounds = (int) trim(file_get_contents('/rounds'));
$dice = new Dice();
for ($round = 0; $round < $rounds; $round++) {
    echo sieve(100000), "\n";

    $counts = array_count_values(words($dice, 8000));
    uksort($counts, fn ($a, $b) => [$counts[$b], $a] <=> [$counts[$a], $b]);
    $record = json_encode($counts);
    echo strlen($record), ' ', count(json_decode($record, true)), ' ', array_key_first($counts), "\n";

    $text = implode(' ', array_keys($counts));
    echo preg_match_all('/\b[a-m]\w*[n-z]\b/', $text), ' ', crc32(strrev(ucwords($text))), "\n";
}
