/// Roots of monotone conditions, always answered from the side where the condition holds, so that rounding never flatters a claim.
enum Bisection {
    /// The smallest x ≥ start where the condition holds, given that it holds from some point on; infinite when none is found.
    /// - Parameter step: first stride of the search, doubled until the condition holds; > 0.
    static func smallest(from start: Double, step: Double, where holds: (Double) -> Bool) -> Double {
        if holds(start) { return start }
        var low = start
        var stride = step
        var high = start + stride
        while !holds(high) {
            low = high
            stride *= 2
            high = start + stride
            if high > 1e12 { return .infinity }
        }
        return boundary(fails: low, holds: high, where: holds)
    }

    /// Narrows an interval to neighbouring numbers and returns the end where the condition holds.
    static func boundary(fails: Double, holds: Double, where condition: (Double) -> Bool) -> Double {
        var low = fails
        var high = holds
        while true {
            let middle = low + (high - low) / 2
            // Neighbours, or no numbers at all: nothing lies between.
            if !(middle > low && middle < high) { return high }
            if condition(middle) { high = middle } else { low = middle }
        }
    }

    /// Where a function with one minimum is smallest, by golden-section search.
    static func minimum(from low: Double, to high: Double, iterations: Int = 100, of function: (Double) -> Double) -> Double {
        let ratio = (5.0.squareRoot() - 1) / 2
        var (a, b) = (min(low, high), max(low, high))
        var (x, y) = (b - ratio * (b - a), a + ratio * (b - a))
        var (fx, fy) = (function(x), function(y))
        for _ in 0..<iterations where b - a > 1e-12 * max(1, b.magnitude) {
            if fx <= fy {
                (b, y, fy) = (y, x, fx)
                x = b - ratio * (b - a)
                fx = function(x)
            } else {
                (a, x, fx) = (x, y, fy)
                y = a + ratio * (b - a)
                fy = function(y)
            }
        }
        return fx <= fy ? x : y
    }
}
