/// A table's events as sequences over the items of a catalog.
public struct CatalogSequences: Sendable {
    /// One sequence for every user of the table, in the table's order; items are catalog indices.
    public let sequences: UserSequences
    /// Events whose item is not in the catalog; they are not in the sequences.
    public let unknownEventCount: Int
    /// The ids of those items, in order of first appearance.
    public let unknownItems: [String]
}

extension InteractionTable {
    /// Every user's items in order of time, equal times in file order; users and items keep the table's numbers.
    ///
    /// Without times the file's order counts. In a table with times, events whose time is missing come first.
    public func sequences() -> UserSequences {
        let order = rowsByUser()
        return UserSequences(items: order.rows.map { item[$0] }, offsets: order.offsets)
    }

    /// The times of the events in the order of ``sequences()``; nil when an event has none.
    public func sequenceTimes() -> [Int64]? {
        guard count > 0, hasTimes, !time.contains(Self.missingTime) else { return nil }
        return rowsByUser().rows.map { time[$0] }
    }

    /// As ``sequences()``, with the catalog's item indices; events of items it does not list are left out and counted.
    public func sequences(in catalog: Catalog) -> CatalogSequences {
        let index = (0..<items.count).map { catalog.index(of: items[$0]) }
        let order = rowsByUser()
        var known: [Int32] = []
        var offsets = [0]
        known.reserveCapacity(count)
        for user in 0..<users.count {
            for row in order.rows[order.offsets[user]..<order.offsets[user + 1]] {
                if let item = index[Int(item[row])] { known.append(item) }
            }
            offsets.append(known.count)
        }
        return CatalogSequences(
            sequences: UserSequences(items: known, offsets: offsets), unknownEventCount: count - known.count,
            unknownItems: (0..<items.count).filter { index[$0] == nil }.map { items[$0] })
    }

    /// Row numbers grouped by user, in each group by (time, row); group u is rows[offsets[u] ..< offsets[u + 1]].
    func rowsByUser() -> (rows: [Int], offsets: [Int]) {
        var offsets = Array(repeating: 0, count: users.count + 1)
        for user in user { offsets[Int(user) + 1] += 1 }
        for user in 0..<users.count { offsets[user + 1] += offsets[user] }
        var next = offsets
        var rows = Array(repeating: 0, count: count)
        for row in 0..<count {
            rows[next[Int(user[row])]] = row
            next[Int(user[row])] += 1
        }
        guard hasTimes else { return (rows, offsets) }
        for user in 0..<users.count {
            let range = offsets[user]..<offsets[user + 1]
            if zip(range, range.dropFirst()).contains(where: { time[rows[$0]] > time[rows[$1]] }) {
                rows[range].sort { (time[$0], $0) < (time[$1], $1) }
            }
        }
        return (rows, offsets)
    }
}
