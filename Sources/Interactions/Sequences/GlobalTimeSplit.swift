/// A split at one moment for everybody: what came before trains, what came after tests, so that no future leaks into training.
public struct GlobalTimeSplit: Sendable {
    /// The first moment of the test part, milliseconds since 1970 UTC.
    public let moment: Int64
    /// Each user's events before the moment; users and items keep the table's numbers.
    public let train: UserSequences
    /// Each user's events from the moment on.
    public let test: UserSequences
    /// The users with events in both parts, ascending.
    public let evaluatedUsers: [Int]

    /// - Throws: ``ImportError`` when an event has no time.
    public init(_ table: InteractionTable, at moment: Int64) throws {
        guard table.count == 0 || table.hasTimes, !table.time.contains(InteractionTable.missingTime) else {
            throw ImportError(
                .invalidOption, at: .init(fileName: "global time split"),
                "every event needs a time; clean the data with a missing-times step first, or split by leave-one-out")
        }
        let order = table.rowsByUser()
        var parts: (train: [[Int32]], test: [[Int32]]) = ([], [])
        for user in 0..<table.users.count {
            let rows = order.rows[order.offsets[user]..<order.offsets[user + 1]]
            let later = rows.firstIndex { table.time[$0] >= moment } ?? rows.endIndex
            parts.train.append(rows[..<later].map { table.item[$0] })
            parts.test.append(rows[later...].map { table.item[$0] })
        }
        self.moment = moment
        train = UserSequences(parts.train)
        test = UserSequences(parts.test)
        evaluatedUsers = parts.train.indices.filter { !parts.train[$0].isEmpty && !parts.test[$0].isEmpty }
    }

    /// Splits so that about that share of the events trains.
    /// - Parameter share: in (0, 1).
    public init(_ table: InteractionTable, trainingShare share: Double) throws {
        precondition(share > 0 && share < 1, "the share of training events must lie between 0 and 1")
        let sorted = table.time.sorted()
        let moment = sorted.isEmpty ? 0 : sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
        try self.init(table, at: moment)
    }

    /// What the model sees of a user: all training events.
    public func history(of user: Int) -> ArraySlice<Int32> { train[user] }

    /// What the user met from the moment on, each item once.
    public func targets(of user: Int) -> [Int32] {
        var met = Set<Int32>()
        return test[user].filter { met.insert($0).inserted }
    }
}
