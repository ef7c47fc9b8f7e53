/// What a cleaning step did.
public struct CleaningReport: Sendable, Hashable, CustomStringConvertible {
    public let step: CleaningStep
    public let before: Size
    public let after: Size
    /// Events that stayed with a changed time or rating.
    public let changedEvents: Int

    public struct Size: Sendable, Hashable {
        public let events: Int
        public let users: Int
        public let items: Int
    }

    public var description: String {
        var text = "\(step): events \(before.events) → \(after.events), users \(before.users) → \(after.users), items \(before.items) → \(after.items)"
        if changedEvents > 0 { text += ", values changed \(changedEvents)" }
        return text
    }
}

/// Cleaning steps in their order.
public struct CleaningPipeline: Sendable, Hashable {
    public var steps: [CleaningStep]

    public init(_ steps: [CleaningStep] = []) { self.steps = steps }

    /// The steps that may be used with privacy `off` only; see ``CleaningStep/dependsOnOtherUsers``.
    public var stepsAcrossUsers: [CleaningStep] { steps.filter(\.dependsOnOtherUsers) }

    /// Applies every step and says what each changed.
    public func apply(to table: InteractionTable) -> (table: InteractionTable, reports: [CleaningReport]) {
        var table = table
        var reports: [CleaningReport] = []
        for step in steps {
            let before = Self.size(of: table)
            let changed = table.apply(step)
            reports.append(CleaningReport(step: step, before: before, after: Self.size(of: table), changedEvents: changed))
        }
        return (table, reports)
    }

    private static func size(of table: InteractionTable) -> CleaningReport.Size {
        .init(events: table.count, users: table.users.count, items: table.items.count)
    }
}

extension InteractionTable {
    /// - Returns: how many of the events that stay have another time or rating than before.
    fileprivate mutating func apply(_ step: CleaningStep) -> Int {
        switch step {
        case .exactDuplicates: dropExactDuplicates()
        case .consecutiveRepeats: dropConsecutiveRepeats()
        case .timeRange(let from, let until):
            self = keeping { hasTimes && time[$0] != Self.missingTime && time[$0] >= from ?? .min && time[$0] < until ?? .max }
        case .minimumRating(let least): self = keeping { hasRatings && rating[$0] >= least }
        case .missingTimes(let treatment): return apply(treatment)
        case .missingRatings(let treatment): return apply(treatment)
        case .unitRatings(let range): return mapRatings(from: range)
        case .minimumEvents(let perUser, let perItem): dropRare(perUser: perUser, perItem: perItem)
        case .latestEvents(let most): keepLatest(most)
        }
        return 0
    }

    private struct Event: Hashable {
        var user: Int32
        var item: Int32
        var time: Int64
        var rating: UInt32
    }

    private mutating func dropExactDuplicates() {
        guard hasTimes else { return }
        var met = Set<Event>()
        self = keeping { row in
            time[row] == Self.missingTime
                || met.insert(Event(user: user[row], item: item[row], time: time[row], rating: hasRatings ? rating[row].bitPattern : 0)).inserted
        }
    }

    private mutating func dropConsecutiveRepeats() {
        let order = rowsByUser()
        var isKept = Array(repeating: true, count: count)
        for user in 0..<users.count {
            let rows = order.rows[order.offsets[user]..<order.offsets[user + 1]]
            for (previous, row) in zip(rows, rows.dropFirst()) where item[previous] == item[row] { isKept[row] = false }
        }
        self = keeping { isKept[$0] }
    }

    private mutating func dropRare(perUser: Int, perItem: Int) {
        // Counted in place until stable; the table is rebuilt once.
        var users = eventsPerUser
        var items = eventsPerItem
        var isKept = Array(repeating: true, count: count)
        var isStable = false
        while !isStable {
            isStable = true
            for row in 0..<count where isKept[row] && (users[Int(user[row])] < perUser || items[Int(item[row])] < perItem) {
                isKept[row] = false
                users[Int(user[row])] -= 1
                items[Int(item[row])] -= 1
                isStable = false
            }
        }
        self = keeping { isKept[$0] }
    }

    private mutating func keepLatest(_ most: Int) {
        let order = rowsByUser()
        var isKept = Array(repeating: false, count: count)
        for user in 0..<users.count {
            for row in order.rows[order.offsets[user]..<order.offsets[user + 1]].suffix(most) { isKept[row] = true }
        }
        self = keeping { isKept[$0] }
    }
}
