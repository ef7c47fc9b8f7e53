internal import Glibc
public import Interactions
public import RecommenderModels
public import SeededRandom
internal import Tensors

/// Skip-grams over all users of one place. The users of a pass are shuffled and taken in rounds; in a round a fixed number of shards
/// train on copies of the tables, window by window, and what their rows moved by is then summed in the shards' order. Any number of
/// workers gives the same bits.
public struct PooledItem2Vec: PooledAlgorithm {
    private let model: Item2Vec
    private let settings: PooledSettings
    private let learningRate: Float
    private let workers: Int
    private let users: UserSequences
    private let draws: ItemDraws
    private let keep: [UInt32]
    /// Padded rows.
    private var inputs: [Float]
    private var outputs: [Float]

    /// Copies of the tables; memory is this many times the model.
    static let shards = 4
    /// The least events a shard trains on between two merges.
    private static let roundEvents = 1024
    private var stride: Int { PaddedRows.stride(model.configuration.dimension) }

    /// - Parameters:
    ///   - parameters: input and output vectors to start from.
    ///   - users: training events, oldest first.
    ///   - settings: validated; the optimiser is plain gradient descent, and the batch size means nothing.
    ///   - workers: threads, at least 1.
    /// - Throws: `TrainingError` when parameters or events do not fit the model, or there are none.
    public init(_ model: Item2Vec, parameters: [Float], users: UserSequences, settings: PooledSettings, workers: Int) throws {
        try TrainingError.check(parameters, users, fit: model)
        learningRate = try settings.plainRate("item2vec")
        precondition(workers >= 1, "somebody works")
        self.model = model
        self.settings = settings
        self.workers = workers
        self.users = users
        var counts = [Int](repeating: 0, count: model.itemCount)
        for item in users.items { counts[Int(item)] += 1 }
        draws = ItemDraws(counts: counts, exponent: model.configuration.negativeExponent)
        let threshold = Double(model.configuration.subsampling) * Double(users.eventCount)
        keep = threshold == 0 ? [] : counts.map { count in
            let share = threshold / Double(max(count, 1))
            return UInt32(min(1, share.squareRoot() + share) * Double(UInt32.max))
        }
        let (D, half) = (model.configuration.dimension, parameters.count / 2)
        inputs = PaddedRows.padded(parameters[..<half], width: D)
        outputs = PaddedRows.padded(parameters[half...], width: D)
    }

    public var parameters: [Float] {
        let D = model.configuration.dimension
        return PaddedRows.packed(inputs, width: D) + PaddedRows.packed(outputs, width: D)
    }

    public mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
        var numbers = stream.child("item2vec").child(epoch)
        var order = Array(0..<users.userCount)
        numbers.shuffle(&order)
        let key = numbers.next()
        let rounds = rounds(order)
        var (input, output) = (inputs, outputs)
        (inputs, outputs) = ([], [])
        defer { (inputs, outputs) = (input, output) }
        let sum = try input.withUnsafeMutableBufferPointer { input in
            try output.withUnsafeMutableBufferPointer { output in
                let copies = SkipGramCopies(shards: Self.shards, input: input, output: output, stride: stride)
                defer { copies.deallocate() }
                return try pass(epoch, key, rounds, copies)
            }
        }
        guard sum.loss.isFinite, Kernels.isFinite(input), Kernels.isFinite(output) else {
            throw TrainingError(
                "training diverged in pass \(epoch + 1): the loss or a vector is no longer finite. The usual cause is the learning rate "
                    + "(\(learningRate)); lower it")
        }
        return sum
    }

    /// Users in rounds, and in a round the users of each shard: a function of the data and the order only. With a larger catalog rounds
    /// are longer, because a merge looks at every item.
    private func rounds(_ order: [Int]) -> [[[Int]]] {
        let least = max(Self.roundEvents, model.itemCount / 16)
        var rounds: [[[Int]]] = []
        var shards: [[Int]] = []
        var (own, events): ([Int], Int) = ([], 0)
        for user in order where users[user].count >= 2 {
            own.append(user)
            events += users[user].count
            if events < least { continue }
            shards.append(own)
            (own, events) = ([], 0)
            if shards.count == Self.shards {
                rounds.append(shards)
                shards = []
            }
        }
        if !own.isEmpty { shards.append(own) }
        if !shards.isEmpty { rounds.append(shards) }
        return rounds
    }

    private func pass(_ epoch: Int, _ key: UInt64, _ rounds: [[[Int]]], _ copies: SkipGramCopies) throws -> LossSum {
        let (events, offsets, words) = (users.items, users.offsets, keep)
        let longest = (0..<users.userCount).reduce(0) { max($0, offsets[$1 + 1] - offsets[$1]) }
        let items = Parallel.ranges(Self.shards * 4, offsets: (0...Int64(model.itemCount)).map { $0 })
        var losses = [(loss: Double, pairs: Int)](repeating: (0, 0), count: Self.shards)
        var grams = (0..<Self.shards).map { copies.skipGrams(of: $0, model.configuration, draws: draws) }
        let integers = UnsafeMutablePointer<Int32>.allocate(capacity: Self.shards * (longest + grams[0].integerSpace))
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: Self.shards * grams[0].floatSpace)
        defer {
            integers.deallocate()
            floats.deallocate()
        }
        try events.withUnsafeBufferPointer { events in
            try words.withUnsafeBufferPointer { words in
                try losses.withUnsafeMutableBufferPointer { losses in
                    for (round, shards) in rounds.enumerated() {
                        try Task.checkCancellation()
                        let multiplier = settings.schedule.multiplier(
                            step: epoch * rounds.count + round, stepsPerEpoch: rounds.count, epochs: settings.training.epochs)
                        for shard in grams.indices {
                            grams[shard].rate = learningRate * Float(multiplier)
                            grams[shard].stamp = Int32(round + 1)
                            grams[shard].keep = words.isEmpty ? nil : words.baseAddress
                        }
                        let current = grams
                        Parallel.forEach(shards.count, workers: workers) { shard in
                            for user in shards[shard] {
                                let (loss, pairs) = current[shard].train(
                                    events.baseAddress! + offsets[user], count: offsets[user + 1] - offsets[user],
                                    key: key &+ UInt64(user) &* 0x9E37_79B9_7F4A_7C15,
                                    integers: integers + shard * (longest + current[shard].integerSpace),
                                    floats: floats + shard * current[shard].floatSpace)
                                losses[shard].loss += loss
                                losses[shard].pairs += pairs
                            }
                        }
                        Parallel.forEach(items.count, workers: workers) { copies.merge(items[$0], stamp: Int32(round + 1)) }
                    }
                }
            }
        }
        return losses.reduce(into: LossSum()) { $0 += LossSum(loss: $1.loss, targets: $1.pairs) }
    }

    public var state: [String: [Float]] { ["item.inputs": inputs, "item.outputs": outputs] }

    public mutating func restore(_ state: [String: [Float]]) throws {
        inputs = try state.tensor("item.inputs", count: inputs.count)
        outputs = try state.tensor("item.outputs", count: outputs.count)
    }
}
