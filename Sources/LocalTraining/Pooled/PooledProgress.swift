internal import RecommenderModels

/// How far gradient training has come, in a form that a file of floats holds exactly.
struct PooledProgress: Sendable, Hashable {
    /// The epoch that runs or has run last, counted from 0.
    var epoch = 0
    /// Its next batch.
    var nextBatch = 0
    /// Of its batches so far.
    var loss = LossSum()

    mutating func begin(_ epoch: Int) { self = PooledProgress(epoch: epoch) }

    /// Five numbers of 64 bits, each as four of 16.
    static let encodedCount = 20

    func encoded(steps: Int) -> [Float] {
        let words = [UInt64(epoch), UInt64(nextBatch), loss.loss.bitPattern, UInt64(loss.targets), UInt64(steps)]
        return words.flatMap(Self.parts)
    }

    /// A word's four parts of 16 bits, the lowest first.
    private static func parts(_ word: UInt64) -> [Float] {
        (0..<UInt64(4)).map { Float(UInt16(truncatingIfNeeded: word >> (16 * $0))) }
    }

    private static func word(_ parts: ArraySlice<Float>) -> UInt64 {
        parts.reversed().reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    }

    /// - Returns: the progress and the optimiser's steps.
    static func decoded(_ values: [Float]) throws -> (PooledProgress, steps: Int) {
        guard values.count == encodedCount, values.allSatisfy({ $0 >= 0 && $0 < 65_536 && $0 == $0.rounded() }) else {
            throw TrainingError("the checkpoint's progress is damaged; begin again without it")
        }
        let words = stride(from: 0, to: values.count, by: 4).map { word(values[$0..<$0 + 4]) }
        guard let epoch = Int(exactly: words[0]), let nextBatch = Int(exactly: words[1]), let targets = Int(exactly: words[3]),
            let steps = Int(exactly: words[4]), epoch < 1 << 32, nextBatch < 1 << 32, steps < 1 << 32
        else { throw TrainingError("the checkpoint's progress is damaged; begin again without it") }
        return (PooledProgress(epoch: epoch, nextBatch: nextBatch, loss: LossSum(loss: Double(bitPattern: words[2]), targets: targets)), steps)
    }
}
