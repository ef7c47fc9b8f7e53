public import Interactions
public import RecommenderModels
public import SeededRandom
internal import Glibc
internal import Tensors

/// Stochastic gradient descent on BPR over all users of one place, with a vector per user that is trained beside the items and is part
/// of the state only: the model folds users in.
///
/// A pass deals the events to batches at random. In a batch every user moves event by event with the items as they are, then every item
/// moves by what its events noted, in the order of users. Users and items are split into fixed parts, so any number of workers gives the
/// same bits; within a batch items are as old as the batch, which a lock-free schedule does not bound.
public struct PooledBPR: PooledAlgorithm {
    private let model: BPRMF
    private let settings: PooledSettings
    private let learningRate: Float
    private var batchSize: Int { settings.training.batchSize }
    private let workers: Int
    private let matrix: InteractionMatrix
    private let draws: ItemDraws
    /// One bit per user and item while that is small; empty otherwise.
    private let seen: [UInt64]
    private let userParts: [Range<Int>]
    private let rangeOf: [UInt8]
    /// Padded rows.
    private var userVectors: [Float]
    private var itemVectors: [Float]
    private var biases: [Float]

    private static let parts = 16
    private var stride: Int { PaddedRows.stride(model.configuration.dimension) }
    private var seenWords: Int { (model.itemCount + 63) / 64 }

    /// - Parameters:
    ///   - parameters: the items' vectors and biases to start from.
    ///   - users: training events; each item counts once per user.
    ///   - settings: validated; the optimiser is plain gradient descent, and the batch size is the events between two updates of items.
    ///   - stream: names the users' first vectors.
    ///   - workers: threads, at least 1.
    /// - Throws: `TrainingError` when parameters or events do not fit the model, or there are none.
    public init(
        _ model: BPRMF, parameters: [Float], users: UserSequences, settings: PooledSettings, stream: RandomStream, workers: Int
    ) throws {
        try TrainingError.check(parameters, users, fit: model)
        learningRate = try settings.plainRate("BPR-MF")
        precondition(workers >= 1, "somebody works")
        self.model = model
        self.settings = settings
        self.workers = workers
        matrix = InteractionMatrix(users, itemCount: model.itemCount)
        let byItem = matrix.transposed
        draws = ItemDraws(matrix: byItem, exponent: model.configuration.negativeExponent)
        userParts = Parallel.ranges(Self.parts, offsets: matrix.offsets)
        // An item's work is its events and the negatives it is drawn for, taken as alike.
        let negatives = Int64(matrix.columns.count / model.itemCount + 1)
        let work = byItem.offsets.indices.map { (item: Int) -> Int64 in byItem.offsets[item] + Int64(item) * negatives }
        var rangeOf = [UInt8](repeating: 0, count: model.itemCount)
        for (part, range) in Parallel.ranges(Self.parts, offsets: work).enumerated() {
            for item in range { rangeOf[item] = UInt8(part) }
        }
        self.rangeOf = rangeOf
        let words = (model.itemCount + 63) / 64
        var seen: [UInt64] = []
        if matrix.rowCount * words <= 1 << 24 {
            seen = [UInt64](repeating: 0, count: matrix.rowCount * words)
            for user in 0..<matrix.rowCount {
                for place in Int(matrix.offsets[user])..<Int(matrix.offsets[user + 1]) {
                    let item = Int(matrix.columns[place])
                    seen[user * words + item / 64] |= 1 << UInt64(item % 64)
                }
            }
        }
        self.seen = seen
        let D = model.configuration.dimension
        itemVectors = PaddedRows.padded(parameters[..<(model.itemCount * D)], width: D)
        biases = Array(parameters[(model.itemCount * D)...])
        userVectors = PaddedRows.padded(model.initialVectors(count: matrix.rowCount, stream.child("user.vectors")), width: D)
    }

    public var parameters: [Float] { PaddedRows.packed(itemVectors, width: model.configuration.dimension) + biases }

    public mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
        var numbers = stream.child("bpr").child(epoch)
        let keys = (deal: numbers.next(), negatives: numbers.next())
        let (regularization, stride) = (model.configuration.regularization, stride)
        var (users, items, biases) = (userVectors, itemVectors, biases)
        (userVectors, itemVectors, self.biases) = ([], [], [])
        defer { (userVectors, itemVectors, self.biases) = (users, items, biases) }
        let sum = try users.withUnsafeMutableBufferPointer { users in
            try items.withUnsafeMutableBufferPointer { items in
                try biases.withUnsafeMutableBufferPointer { biases in
                    try matrix.offsets.withUnsafeBufferPointer { offsets in
                        try matrix.columns.withUnsafeBufferPointer { columns in
                            try seen.withUnsafeBufferPointer { seen in
                                try rangeOf.withUnsafeBufferPointer { rangeOf in
                                    try pass(
                                        RankingDescent(
                                            stride: stride, users: users.baseAddress!, items: items.baseAddress!, biases: biases.baseAddress!,
                                            rate: learningRate, regularization: regularization, draws: draws, offsets: offsets.baseAddress!,
                                            sorted: columns.baseAddress!, seen: seen.isEmpty ? nil : seen.baseAddress, seenWords: seenWords,
                                            rangeOf: rangeOf.baseAddress!, ranges: Self.parts),
                                        epoch, keys)
                                }
                            }
                        }
                    }
                }
            }
        }
        guard sum.loss.isFinite, Kernels.isFinite(items), Kernels.isFinite(biases) else {
            throw TrainingError(
                "training diverged in pass \(epoch + 1): the loss or a vector is no longer finite. The usual cause is the learning rate "
                    + "(\(learningRate)) or a batch that is large for the catalog (\(batchSize) events); lower one of them")
        }
        return sum
    }

    private func pass(_ descent: RankingDescent, _ epoch: Int, _ keys: (deal: UInt64, negatives: UInt64)) throws -> LossSum {
        var pairs = descent
        let batches = (matrix.columns.count + batchSize - 1) / batchSize
        let parts = userParts.count
        let starts = UnsafeMutablePointer<Int64>.allocate(capacity: parts * (batches + 1))
        let dealt = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * matrix.columns.count)
        let dealtItems = dealt + matrix.columns.count
        defer {
            starts.deallocate()
            dealt.deallocate()
        }
        let firsts = userParts.map { Int(matrix.offsets[$0.lowerBound]) }
        Parallel.forEach(parts, workers: workers) { part in
            Kernels.deal(
                users: userParts[part], offsets: pairs.offsets, items: pairs.sorted, key: keys.deal, batches: batches,
                starts: starts + part * (batches + 1), dealtUsers: dealt + firsts[part], dealtItems: dealtItems + firsts[part])
        }
        let moves = (0..<parts).map { part in
            let own = starts + part * (batches + 1)
            let largest = (0..<batches).map { (batch: Int) -> Int64 in own[batch + 1] - own[batch] }.max() ?? 0
            return RankingDescent.Moves.allocate(capacity: Int(largest), ranges: parts)
        }
        defer { for moves in moves { moves.deallocate() } }
        var losses = [(loss: Double, pairs: Int)](repeating: (0, 0), count: parts)
        try losses.withUnsafeMutableBufferPointer { losses in
            for batch in 0..<batches {
                try Task.checkCancellation()
                let multiplier = settings.schedule.multiplier(
                    step: epoch * batches + batch, stepsPerEpoch: batches, epochs: settings.training.epochs)
                pairs.rate = learningRate * Float(multiplier)
                let pairs = pairs
                Parallel.forEach(parts, workers: workers) { part in
                    let own = starts + part * (batches + 1) + batch
                    let first = firsts[part] + Int(own[0])
                    let (loss, count) = pairs.moveUsers(
                        count: Int(own[1] - own[0]), users: dealt + first, items: dealtItems + first, key: keys.negatives, firstNumber: first,
                        into: moves[part])
                    losses[part].loss += loss
                    losses[part].pairs += count
                }
                Parallel.forEach(parts, workers: workers) { range in
                    for part in 0..<parts { pairs.moveItems(of: range, by: moves[part]) }
                }
            }
        }
        return losses.reduce(into: LossSum()) { $0 += LossSum(loss: $1.loss, targets: $1.pairs) }
    }

    public var state: [String: [Float]] { ["item.vectors": itemVectors, "item.bias": biases, "user.vectors": userVectors] }

    public mutating func restore(_ state: [String: [Float]]) throws {
        itemVectors = try state.tensor("item.vectors", count: itemVectors.count)
        biases = try state.tensor("item.bias", count: biases.count)
        userVectors = try state.tensor("user.vectors", count: userVectors.count)
    }
}

extension ItemDraws {
    /// Items in proportion to their events to a power; an item without events counts as having one.
    /// - Parameter matrix: items × users.
    init(matrix: InteractionMatrix, exponent: Float) {
        self.init(counts: (0..<matrix.rowCount).map { matrix.count(of: $0) }, exponent: exponent)
    }

    /// Items in proportion to a power of their counts, those below 1 taken as 1.
    init(counts: [Int], exponent: Float) {
        if exponent == 0 {
            self.init(count: counts.count)
        } else {
            self.init(weights: counts.map { pow(Double(max($0, 1)), Double(exponent)) })
        }
    }
}
