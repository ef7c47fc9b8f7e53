extension SyntheticWorld {
    /// The id of a user.
    public func userID(_ user: Int) -> String {
        let digits = String(user + 1)
        return "user-" + String(repeating: "0", count: max(String(configuration.userCount).count - digits.count, 0)) + digits
    }

    /// The events of all users, user after user, each user's in order of time; item ids are the catalog's.
    public func interactions() -> InteractionTable { interactions(ofUsers: 0..<configuration.userCount) }

    /// The events of some users. A user's events are the same whoever else is asked for.
    public func interactions(ofUsers users: Range<Int>) -> InteractionTable {
        var table = InteractionTable()
        let identifiers = catalog.items.map(\.id)
        var number = Array(repeating: Int32(-1), count: identifiers.count)
        for user in users {
            let row = table.intern(user: userID(user))
            var person = SyntheticUser(self, user: user)
            for _ in 0..<person.eventCount {
                let event = person.step()
                if number[Int(event.item)] < 0 { number[Int(event.item)] = table.intern(item: identifiers[Int(event.item)]) }
                table.append(user: row, item: number[Int(event.item)], time: event.milliseconds, rating: .nan, silo: -1)
            }
        }
        return table
    }

    /// For each user asked for: what they met before their last event, that event, and the true probabilities it was drawn
    /// with (V of them, items met before included). No scorer can expect to do better than these.
    package func lastEvents(ofUsers users: Range<Int>) -> [(history: [Int32], target: Int32, truth: [Float])] {
        users.map { user in
            var person = SyntheticUser(self, user: user)
            for _ in 1..<person.eventCount { _ = person.step() }
            let truth = person.truth().map { Float($0) }
            let history = person.history
            return (history, person.step().item, truth)
        }
    }
}

extension InteractionTable {
    fileprivate mutating func intern(user: String) -> Int32 { users.intern(user) }
    fileprivate mutating func intern(item: String) -> Int32 { items.intern(item) }
}
