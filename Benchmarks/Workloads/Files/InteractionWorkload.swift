internal import DataFiles
public import Interactions
public import RankingEvaluation

/// Training events, and one validation and one test event of each user: what ours and the peers train on.
///
/// The file's format is described in `Peers/README.md`.
public struct InteractionWorkload: Sendable {
    /// V; items are 0 ..< V.
    public let itemCount: Int
    /// All events, and their split: the last one is the test, the one before validation.
    public let split: LeaveOneOut

    public var userCount: Int { split.train.userCount }
    /// Training events.
    public var eventCount: Int { split.train.eventCount }

    /// Users with fewer than 5 events are left out.
    init(_ sequences: UserSequences, itemCount: Int) {
        let kept = (0..<sequences.userCount).filter { sequences[$0].count >= 5 }
        self.itemCount = itemCount
        split = LeaveOneOut(sequences.selecting(kept), minimumEvents: 5)
    }

    /// The synthetic world: 6,040 users and 3,416 items with 165 events each on the average are as large as MovieLens-1M.
    public init(users: Int, items: Int, meanEvents: Double, seed: UInt64) throws {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: users, itemCount: items, meanEvents: meanEvents), seed: seed)
        self.init(world.interactions().sequences(), itemCount: items)
    }

    /// A file of events in any of the formats that `simulate` reads.
    public init(data path: String) throws {
        let table = try DataFile(path: path).interactions().table
        self.init(table.sequences(), itemCount: table.items.count)
    }

    public init(file path: String) throws {
        var reader = try BinaryReader(path: path)
        try reader.magic("TRBW")
        let sizes = try reader.array(of: UInt32.self, count: 4)
        guard sizes[0] == 1 else { throw WorkloadError("\(path) has version \(sizes[0]), not 1; make it again with `workloads generate`") }
        let users = Int(sizes[1])
        let events = Int(try reader.value(UInt64.self))
        let offsets = try reader.array(of: UInt64.self, count: users + 1).map { Int($0) }
        let items = try reader.array(of: Int32.self, count: events)
        let validation = try reader.array(of: Int32.self, count: users)
        let test = try reader.array(of: Int32.self, count: users)
        let whole = (0..<users).map { user in items[offsets[user]..<offsets[user + 1]] + [validation[user], test[user]].filter { $0 >= 0 } }
        itemCount = Int(sizes[2])
        split = LeaveOneOut(UserSequences(whole.map { Array($0) }), minimumEvents: 5)
    }

    public func write(to path: String) throws {
        var writer = BinaryWriter()
        writer.magic("TRBW")
        writer.append([1, UInt32(split.train.userCount), UInt32(itemCount), 0])
        writer.append([UInt64(split.train.eventCount)])
        writer.append(split.train.offsets.map { UInt64($0) })
        writer.append(split.train.items)
        writer.append(split.validation)
        writer.append(split.test)
        try writer.write(to: path)
    }

    /// The users' last `length` + 1 training events: one window each, as both sides train on.
    public func lastWindows(length: Int) -> UserSequences {
        UserSequences((0..<split.train.userCount).map { Array(split.train[$0].suffix(length + 1)) })
    }

    /// NDCG@10 of the test events among all items not met before, ties at mid-rank.
    public func ndcg(_ scorer: some SequenceScorer, workers: Int) async throws -> Double {
        let cases = split.evaluatedUsers.map { EvaluationCase(history: split.testHistory(of: $0), target: split.test[$0]) }
        return try await RankingEvaluator(workers: workers).evaluate(scorer, cases: cases).metrics.values(at: 10).ndcg
    }
}
