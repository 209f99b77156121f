# What scripts do: hashes, blocks, strings, structs, sorting, big integers and regular expressions.

Item = Struct.new(:name, :weight, :value)

class Random32
  def initialize = @state = 2463534242

  def draw(limit)
    @state ^= @state << 13 & 0xffffffff
    @state ^= @state >> 17
    @state ^= @state << 5 & 0xffffffff
    @state % limit
  end
end

def knapsack(items, room)
  best = Array.new(room + 1, 0)
  items.each do |item|
    room.downto(item.weight) do |left|
      value = best[left - item.weight] + item.value
      best[left] = value if value > best[left]
    end
  end
  best.last
end

random = Random32.new
Integer(ARGV.fetch(0)).times do
  items = Array.new(60) { |i| Item.new("item #{i}", 1 + random.draw(50), random.draw(1000)) }
  puts knapsack(items, 2000)

  words = Array.new(6000) { Array.new(2 + random.draw(6)) { (97 + random.draw(26)).chr }.join }
  counts = words.tally.sort_by { |word, count| [-count, word] }
  puts counts.length, counts.first(3).map { |word, count| "#{word}: #{count}" }.join(", ")
  puts words.join(" ").scan(/\b[a-m]\w*[n-z]\b/).sum(&:length)

  puts (1..200).inject(:*).digits.sum
end
