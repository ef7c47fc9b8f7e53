/// Which items follow which within a few events, from counts that withstand noise: the model for plans with little privacy budget.
public struct ItemTransitionsConfiguration: Sendable, Hashable {
    /// Which of two items that a user met one after the other leads to the other.
    public enum Direction: Sendable, Hashable {
        /// Both: one cell for each pair of items, in which what noise hides is half as much.
        case both
        /// The earlier to the later.
        case forward
    }
    public var direction: Direction
    /// w: pairs of events up to so many steps apart count; 1…100.
    public var window: Int
    /// p: a pair of distance l counts l^−p; 0…4.
    public var distanceExponent: Float
    /// τ: cells below so many standard deviations of the noise, which is measured on the matrix itself, count as empty; 0…10.
    public var threshold: Float
    /// m: so many of the most recent events make the scores; 1…1,000.
    public var recentEvents: Int
    /// g: each event back counts g times as much as the one behind it; (0, 1].
    public var recency: Float
    /// a: a row is divided by (its sum)^a, so that popular items of a history do not drown the others; 0…1.
    public var rowExponent: Float

    public init(
        direction: Direction = .both, window: Int = 10, distanceExponent: Float = 0.7, threshold: Float = 2, recentEvents: Int = 8,
        recency: Float = 0.75, rowExponent: Float = 0.3
    ) {
        self.direction = direction
        self.window = window
        self.distanceExponent = distanceExponent
        self.threshold = threshold
        self.recentEvents = recentEvents
        self.recency = recency
        self.rowExponent = rowExponent
    }

    func validate() throws {
        try check(window, in: 1...100, "the window")
        try check(recentEvents, in: 1...1000, "the number of recent events")
        for (value, range, name) in [
            (distanceExponent, 0...4, "the exponent of the distance"), (threshold, 0...10, "the threshold"), (rowExponent, 0...1, "the exponent of the rows"),
        ] as [(Float, ClosedRange<Float>, String)] where !range.contains(value) {
            throw ModelError("\(name) is \(value); choose a value from \(range.lowerBound) to \(range.upperBound)")
        }
        guard recency > 0, recency <= 1 else { throw ModelError("the recency is \(recency); choose a value above 0 and at most 1") }
    }
}
