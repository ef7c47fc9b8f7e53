public import SeededRandom

/// Each user's events dealt by chance into two parts that keep their order: the protocol of many published figures on ratings.
public struct RandomSplit: Sendable {
    public let kept: UserSequences
    public let removed: UserSequences

    /// - Parameters:
    ///   - share: of each user's events that are kept, in (0, 1]; rounded to whole events, at least one.
    ///   - stream: every user draws from a stream of its own.
    public init(_ sequences: UserSequences, share: Double, stream: RandomStream) {
        precondition(share > 0 && share <= 1, "the share of kept events must be above 0 and at most 1")
        var parts: (kept: [[Int32]], removed: [[Int32]]) = ([], [])
        for user in 0..<sequences.userCount {
            let events = sequences[user]
            let count = max(1, Int((Double(events.count) * share).rounded()))
            var order = Array(events.indices)
            var numbers = stream.child(user)
            numbers.shuffle(&order)
            parts.kept.append(order.prefix(count).sorted().map { events[$0] })
            parts.removed.append(order.dropFirst(count).sorted().map { events[$0] })
        }
        kept = UserSequences(parts.kept)
        removed = UserSequences(parts.removed)
    }
}
