package import SeededRandom
internal import Tensors

/// Events of a user, each with an item the user has no event with.
package struct RankedPairs {
    /// Alternately the preferred item and the other one.
    package var items: [Int32] = []

    package init() {}

    package var count: Int { items.count / 2 }
    package var isEmpty: Bool { items.isEmpty }
}

extension BPRMF {
    /// One negative for every event, uniform over the items that are not in the sequence; none when there are no such items.
    package func pairs(_ sequence: ArraySlice<Int32>, _ numbers: inout RandomStream) -> RankedPairs {
        let own = Set(sequence)
        guard own.count < itemCount else { return RankedPairs() }
        var pairs = RankedPairs()
        pairs.items.reserveCapacity(sequence.count * 2)
        for item in sequence {
            var other = Int32(numbers.below(itemCount))
            while own.contains(other) { other = Int32(numbers.below(itemCount)) }
            pairs.items.append(item)
            pairs.items.append(other)
        }
        return pairs
    }

    /// p, D values: `foldInSteps` steps of gradient descent from 0 on the user's mean loss with item vectors fixed, each step with
    /// fresh negatives from a stream that the events name. The step size is 1 / (λ + mean |q_i − q_j|²/4), which bounds the curvature,
    /// so that the descent cannot diverge. A function of parameters and events only.
    package func foldIn(_ history: ArraySlice<Int32>, _ parameters: [Float]) -> [Float] {
        let D = configuration.dimension
        let events = history.suffix(Self.historyLimit)
        var user = [Float](repeating: 0, count: D)
        var numbers = RandomStream(seed: 0, "bpr-mf fold-in").child(bytes: events.lazy.flatMap { item in
            (0..<4).map { UInt8(truncatingIfNeeded: item >> (8 * Int32($0))) }
        })
        var gradient = [Float](repeating: 0, count: D)
        var difference = [Float](repeating: 0, count: D)
        for _ in 0..<configuration.foldInSteps {
            let pairs = pairs(events, &numbers)
            if pairs.isEmpty { break }
            gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
            var curvature: Float = 0
            parameters.withUnsafeBufferPointer { parameters in
                let items = parameters.baseAddress!
                for pair in 0..<pairs.count {
                    let (preferred, other) = (Int(pairs.items[2 * pair]), Int(pairs.items[2 * pair + 1]))
                    Kernels.subtract(items + preferred * D, items + other * D, into: &difference, count: D)
                    let margin = Kernels.dot(user, difference, count: D) + items[biasStart + preferred] - items[biasStart + other]
                    Kernels.axpy(Kernels.sigmoid(-margin), difference, to: &gradient, count: D)
                    curvature += Kernels.dot(difference, difference, count: D)
                }
            }
            let count = Float(pairs.count)
            let step = 1 / (configuration.regularization + curvature / (4 * count) + 1e-12)
            Kernels.scale(&user, by: 1 - step * configuration.regularization, count: D)
            Kernels.axpy(step / count, gradient, to: &user, count: D)
        }
        return user
    }

    /// Adds `weight` × the gradient of the pairs' summed loss with respect to the items, p fixed; returns the summed loss.
    package func addItemGradient(
        _ parameters: [Float], pairs: RankedPairs, user: [Float], weight: Float, to gradient: inout [Float]
    ) -> Double {
        let (D, λ) = (configuration.dimension, configuration.regularization)
        let userNorm = Kernels.dot(user, user, count: D)
        var loss = 0.0
        parameters.withUnsafeBufferPointer { parameters in
            gradient.withUnsafeMutableBufferPointer { gradient in
                let (items, slopes) = (parameters.baseAddress!, gradient.baseAddress!)
                for pair in 0..<pairs.count {
                    let places = (Int(pairs.items[2 * pair]), Int(pairs.items[2 * pair + 1]))
                    let (preferred, other) = (items + places.0 * D, items + places.1 * D)
                    let (bias, otherBias) = (items[biasStart + places.0], items[biasStart + places.1])
                    let margin = Kernels.dot(user, preferred, count: D) - Kernels.dot(user, other, count: D) + bias - otherBias
                    let pull = Kernels.sigmoid(-margin)
                    let norms = userNorm + Kernels.dot(preferred, preferred, count: D) + Kernels.dot(other, other, count: D)
                    loss += Double(Kernels.softplus(-margin)) + Double(λ / 2 * (norms + bias * bias + otherBias * otherBias))
                    Kernels.axpy(-weight * pull, user, to: slopes + places.0 * D, count: D)
                    Kernels.axpy(weight * λ, preferred, to: slopes + places.0 * D, count: D)
                    Kernels.axpy(weight * pull, user, to: slopes + places.1 * D, count: D)
                    Kernels.axpy(weight * λ, other, to: slopes + places.1 * D, count: D)
                    slopes[biasStart + places.0] += weight * (λ * bias - pull)
                    slopes[biasStart + places.1] += weight * (λ * otherBias + pull)
                }
            }
        }
        return loss
    }
}
