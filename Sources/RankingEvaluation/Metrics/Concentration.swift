/// How unevenly something is spread.
public enum Concentration {
    /// The Gini coefficient of counts: 0 when all are equal, (n − 1)/n when one holds everything.
    /// With x sorted ascending, G = Σᵢ (2i − n − 1) xᵢ / (n Σ x), i from 1.
    /// - Parameter counts: none negative; without any, or all 0, the result is 0.
    public static func gini(_ counts: some Sequence<Int>) -> Double {
        let ascending = counts.sorted()
        let total = ascending.reduce(0, +)
        guard total > 0 else { return 0 }
        let n = Double(ascending.count)
        var weighted = 0.0
        for (index, count) in ascending.enumerated() { weighted += (2 * Double(index + 1) - n - 1) * Double(count) }
        return weighted / (n * Double(total))
    }
}
