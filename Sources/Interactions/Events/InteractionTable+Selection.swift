extension InteractionTable {
    /// The events of those rows, in that order, with ids numbered anew by first appearance; ids without events disappear.
    /// - Parameter rows: each in 0 ..< ``count``.
    public func selecting(_ rows: some Sequence<Int>) -> InteractionTable {
        var result = InteractionTable()
        var newUser = Array(repeating: Int32(-1), count: users.count)
        var newItem = Array(repeating: Int32(-1), count: items.count)
        var newSilo = Array(repeating: Int32(-1), count: silos.count)
        func renumber(_ old: Int32, _ new: inout [Int32], from: IdentifierTable, into table: inout IdentifierTable) -> Int32 {
            guard old >= 0 else { return -1 }
            if new[Int(old)] < 0 { new[Int(old)] = table.intern(from[Int(old)]) }
            return new[Int(old)]
        }
        for row in rows {
            let user = renumber(user[row], &newUser, from: users, into: &result.users)
            let item = renumber(item[row], &newItem, from: items, into: &result.items)
            let silo = hasSilos ? renumber(silo[row], &newSilo, from: silos, into: &result.silos) : -1
            result.append(
                user: user, item: item, time: hasTimes ? time[row] : Self.missingTime, rating: hasRatings ? rating[row] : .nan, silo: silo)
        }
        return result
    }

    /// The events for which `isKept` says so, in their order.
    func keeping(_ isKept: (Int) -> Bool) -> InteractionTable {
        let rows = (0..<count).filter(isKept)
        return rows.count == count ? self : selecting(rows)
    }

    /// How many events each user has.
    public var eventsPerUser: [Int] { user.reduce(into: Array(repeating: 0, count: users.count)) { $0[Int($1)] += 1 } }
    /// How many events each item has.
    public var eventsPerItem: [Int] { item.reduce(into: Array(repeating: 0, count: items.count)) { $0[Int($1)] += 1 } }
}
