<?php
// How a text uses its letters: a bar for each, and which ones follow which.
//
//   php -q /letters.php FILE

const WIDTH = 40;

$text = preg_replace('/[^a-z]+/', ' ', strtolower(file_get_contents($argv[1])));
$counts = count_chars(str_replace(' ', '', $text), 1);
if (!$counts) {
    echo "letters.php: the text has no letters\n";
    exit(1);
}

arsort($counts);
$most = max($counts);
foreach (array_slice($counts, 0, 10, true) as $letter => $count) {
    printf("%s %5.2f %% %s\n", chr($letter), 100 * $count / array_sum($counts), str_repeat('=', intdiv(WIDTH * $count, $most)));
}

$pairs = [];
foreach (explode(' ', trim($text)) as $word) {
    for ($i = 1; $i < strlen($word); $i++) {
        $pair = $word[$i - 1] . $word[$i];
        $pairs[$pair] = ($pairs[$pair] ?? 0) + 1;
    }
}
// Equal counts in the order of the alphabet.
uksort($pairs, fn ($a, $b) => [$pairs[$b], $a] <=> [$pairs[$a], $b]);
echo "\npairs: ", implode(' ', array_keys(array_slice($pairs, 0, 12))), "\n";
