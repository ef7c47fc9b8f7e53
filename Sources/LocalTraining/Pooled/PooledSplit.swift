public import Interactions
public import RankingEvaluation
public import SeededRandom

/// Which events train, which choose the epoch and which are scored once at the end.
public enum SplitRule: Sendable, Hashable {
    /// Each user's last event is the test, the one before it the validation.
    case leaveOneOut
    /// Each user's events are dealt by chance: that share trains and the rest is the test; of the training part, `validation` of the
    /// events choose the epoch (0: the number of epochs is given).
    case random(train: Double, validation: Double)
    /// What happens before a moment trains: that share of all events. Of the training part, the last `validation` of the events
    /// choose the epoch.
    case globalTime(train: Double, validation: Double)
}

/// A data set, split.
public struct PooledSplit: Sendable {
    public var train: UserSequences
    /// Training and validation events together: what a model may learn from once the epoch is chosen.
    public var trainAndValidation: UserSequences
    public var validation: [EvaluationCase]
    public var test: [EvaluationCase]
    /// The times of the training events, in their order, when every event has one and the split respects time.
    public var trainTimes: [Int64]?
    /// For the protocol of a figure.
    public var description: String

    /// - Parameter stream: of the random split.
    /// - Throws: `ImportError` when a split by time meets events without one.
    public init(_ table: InteractionTable, rule: SplitRule, stream: RandomStream) throws {
        switch rule {
        case .leaveOneOut:
            let split = LeaveOneOut(table.sequences())
            let users = split.evaluatedUsers
            train = split.train
            validation = users.map { EvaluationCase(history: split.validationHistory(of: $0), target: split.validation[$0]) }
            let times = table.sequenceTimes()
            test = users.map { user in
                EvaluationCase(
                    history: split.testHistory(of: user), target: split.test[user], moment: times?[split.sequences.offsets[user + 1] - 1])
            }
            trainTimes = times.map { Self.leading(split.train, of: split.sequences, $0) }
            let evaluated = Set(users)
            trainAndValidation = UserSequences((0..<split.sequences.userCount).map { Array(split.sequences[$0].dropLast(evaluated.contains($0) ? 1 : 0)) })
            description = "leave-one-out, last event tested"
        case .random(let share, let held):
            let whole = RandomSplit(table.sequences(), share: share, stream: stream.child("test"))
            let inner = RandomSplit(whole.kept, share: 1 - held, stream: stream.child("validation"))
            train = inner.kept
            trainAndValidation = whole.kept
            validation = held > 0 ? Self.cases(histories: inner.kept, targets: inner.removed) : []
            test = Self.cases(histories: whole.kept, targets: whole.removed)
            description = "random, \(share) of each user's events train" + (held > 0 ? ", \(held) of these validate" : "")
        case .globalTime(let share, let held):
            let whole = try GlobalTimeSplit(table, trainingShare: share)
            let inner = try held > 0 ? GlobalTimeSplit(table, trainingShare: share * (1 - held)) : whole
            train = inner.train
            trainAndValidation = whole.train
            // Validation events are those between the two moments.
            let between = UserSequences((0..<whole.train.userCount).map { Array(whole.train[$0].dropFirst(inner.train[$0].count)) })
            validation = Self.cases(histories: inner.train, targets: between)
            test = Self.cases(histories: whole.train, targets: whole.test, moment: whole.moment)
            trainTimes = table.sequenceTimes().map { Self.leading(inner.train, of: table.sequences(), $0) }
            description = "global time, the first \(share) of the events train" + (held > 0 ? ", the last \(held) of these validate" : "")
        }
    }

    /// A case for everybody with a history and with targets, each item once.
    private static func cases(histories: UserSequences, targets: UserSequences, moment: Int64? = nil) -> [EvaluationCase] {
        (0..<histories.userCount).compactMap { user in
            var met = Set<Int32>()
            let items = targets[user].filter { met.insert($0).inserted }
            return items.isEmpty || histories[user].isEmpty ? nil : EvaluationCase(history: histories[user], targets: items, moment: moment)
        }
    }

    /// The times of each user's first events, as many as `part` has.
    private static func leading(_ part: UserSequences, of whole: UserSequences, _ times: [Int64]) -> [Int64] {
        (0..<part.userCount).flatMap { times[whole.offsets[$0]..<whole.offsets[$0] + part[$0].count] }
    }
}
