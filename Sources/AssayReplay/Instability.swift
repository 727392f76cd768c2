/// Whether fresh processes of the new arm are odd ones out more often than those of the old one.
///
/// Under no change the processes of both arms are exchangeable: of the odd answers to one exchange, how
/// many are the new arm's is hypergeometric. The sum over exchanges is computed exactly, by convolution.
/// The answers that made an exchange differ in the first place are not among these.
enum Instability {
    /// The answers to one exchange at one place: all, those of the new arm, and of both the odd ones.
    struct Count: Hashable {
        var all: Int, new: Int, odd: Int, oddNew: Int
    }

    /// The chance of so many odd answers of the new arm, or more, if nothing changed; 1 for none.
    static func p(of counts: [Count]) -> Double {
        var chances = [1.0]
        var seen = 0
        for count in counts where count.odd > 0 {
            seen += count.oddNew
            var next = [Double](repeating: 0, count: chances.count + count.odd)
            let ways = Separation.binomial(count.all, count.odd)
            for odd in 0...min(count.odd, count.new) {
                let share =
                    Separation.binomial(count.new, odd)
                    * Separation.binomial(count.all - count.new, count.odd - odd) / ways
                guard share > 0 else { continue }
                for (sum, chance) in chances.enumerated() { next[sum + odd] += chance * share }
            }
            chances = next
        }
        guard seen > 0 else { return 1 }
        return min(1, chances[seen...].reduce(0, +))
    }
}
