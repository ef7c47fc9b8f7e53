/// The item sequences of many users in one buffer (compressed rows): user u's events are items[offsets[u] ..< offsets[u + 1]],
/// oldest first.
public struct UserSequences: Sendable, Hashable {
    /// Item numbers of all users, one user after the other.
    public let items: [Int32]
    /// Where each user's events start; `userCount + 1` entries, the first 0, never decreasing, the last `items.count`.
    public let offsets: [Int]

    public init(_ sequences: [[Int32]]) {
        var offsets = [0]
        offsets.reserveCapacity(sequences.count + 1)
        for sequence in sequences { offsets.append(offsets[offsets.count - 1] + sequence.count) }
        self.items = sequences.flatMap { $0 }
        self.offsets = offsets
    }

    /// From the two columns themselves.
    public init(items: [Int32], offsets: [Int]) {
        precondition(offsets.first == 0 && offsets.last == items.count, "offsets must start at 0 and end at the number of items")
        precondition(zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }, "offsets must not decrease")
        self.items = items
        self.offsets = offsets
    }

    public var userCount: Int { offsets.count - 1 }
    /// Events of all users together.
    public var eventCount: Int { items.count }

    /// A user's items, oldest first.
    public subscript(user: Int) -> ArraySlice<Int32> { items[offsets[user]..<offsets[user + 1]] }

    /// The sequences of those users, in that order.
    public func selecting(_ users: some Sequence<Int>) -> UserSequences {
        var items: [Int32] = []
        var offsets = [0]
        for user in users {
            items.append(contentsOf: self[user])
            offsets.append(items.count)
        }
        return UserSequences(items: items, offsets: offsets)
    }
}
