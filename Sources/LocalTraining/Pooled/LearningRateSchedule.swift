internal import Glibc

/// What the learning rate is multiplied with at each step of pooled training.
public struct LearningRateSchedule: Sendable, Hashable {
    /// What follows the warm-up.
    public enum Decay: Sendable, Hashable {
        case constant
        /// On a straight line from 1 to `end`, over the rest of the training.
        case linear(end: Double)
        /// On half a cosine from 1 to `end`, over the rest of the training (Loshchilov and Hutter 2017, without restarts).
        case cosine(end: Double)
        /// Multiplied by `factor` after every so many epochs.
        case step(everyEpochs: Int, factor: Double)
    }
    public var decay: Decay
    /// Epochs in which the rate rises on a straight line from 0, broken ones included; ≥ 0.
    public var warmUpEpochs: Double
    /// Epochs after which a linear or cosine decay has reached its end; `nil`: the most epochs of the training.
    public var decayEpochs: Int?

    public static let constant = LearningRateSchedule()

    public init(_ decay: Decay = .constant, warmUpEpochs: Double = 0, decayEpochs: Int? = nil) {
        self.decay = decay
        self.warmUpEpochs = warmUpEpochs
        self.decayEpochs = decayEpochs
    }

    /// The multiplier of a step, in [0, 1].
    /// - Parameters:
    ///   - step: counted from 0 over all epochs.
    ///   - stepsPerEpoch: at least 1.
    ///   - epochs: the most epochs of the training.
    public func multiplier(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
        let perEpoch = Double(stepsPerEpoch)
        let warmUp = warmUpEpochs * perEpoch
        if Double(step) < warmUp { return (Double(step) + 1) / (warmUp + 1) }
        let length = Double(decayEpochs ?? epochs) * perEpoch - warmUp
        let progress = length > 0 ? min(max((Double(step) - warmUp) / length, 0), 1) : 1
        return switch decay {
        case .constant: 1
        case .linear(let end): 1 + (end - 1) * progress
        case .cosine(let end): end + (1 - end) * 0.5 * (1 + cos(Double.pi * progress))
        case .step(let every, let factor): pow(factor, Double(step / stepsPerEpoch / every))
        }
    }

    func validate() throws {
        guard warmUpEpochs >= 0, warmUpEpochs <= 10_000 else {
            throw TrainingError("the warm-up takes \(warmUpEpochs) epochs; choose a number from 0 to 10000")
        }
        if let decayEpochs, decayEpochs < 1 { throw TrainingError("the decay takes \(decayEpochs) epochs; choose at least 1") }
        switch decay {
        case .constant: break
        case .linear(let end), .cosine(let end):
            guard end >= 0, end <= 1 else { throw TrainingError("the learning rate's decay ends at \(end) of its value; choose a share from 0 to 1") }
        case .step(let every, let factor):
            guard every >= 1, factor > 0, factor <= 1 else {
                throw TrainingError("a stepwise decay by \(factor) every \(every) epochs is impossible; choose a factor in (0, 1] and at least 1 epoch")
            }
        }
    }
}
