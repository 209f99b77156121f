# Writes verses in the manner of a text: each next word is one that followed the last two in it, drawn by lot. The
# lots come from the job's seed, so that everybody who runs the job gets the same verses.
#
#   ruby /verse.rb LINES < text

WIDTH = 8

words = $stdin.read.scan(/[[:alpha:]']+[,;:.!?]?/)
abort "verse.rb: the text is too short" if words.length < 3

follows = Hash.new { |hash, pair| hash[pair] = [] }
words.each_cons(3) { |first, second, third| follows[[first, second]] << third }
starts = words.each_cons(2).select { |first, _| first =~ /\A[A-Z]/ }

lots = Random.new(Random.new_seed)
Integer(ARGV.fetch(0, "4")).times do
  line = starts[lots.rand(starts.length)].dup
  while line.length < WIDTH
    choice = follows[line.last(2)]
    break if choice.empty?

    line << choice[lots.rand(choice.length)]
  end
  puts line.join(" ").sub(/[,;:]?\z/, ",")
end
