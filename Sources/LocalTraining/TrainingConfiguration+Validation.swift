extension TrainingConfiguration {
    /// Checks every value against the range its documentation gives.
    /// - Throws: `TrainingError` naming the first value out of range and what is allowed.
    public func validate() throws {
        try check(epochs, in: 1...10_000, "the number of local epochs")
        try check(batchSize, in: 1...65_536, "the batch size")
        try check(maximumLength, in: 2...1000, "the maximum length")
        try check(maximumWindows, in: 1...1_000_000, "the maximum number of windows")
        try check(minimumEvents, in: 2...1_000_000, "the minimum number of events")
        switch optimizer {
        case .sgd(_, let momentum), .adagradMomentum(_, let momentum): try check(fraction: momentum, "the momentum")
        case .adamW(let settings):
            try check(fraction: settings.beta1, "beta1")
            try check(fraction: settings.beta2, "beta2")
            guard settings.weightDecay >= 0, settings.weightDecay * settings.learningRate < 1 else {
                throw TrainingError("the weight decay is \(settings.weightDecay); choose at least 0 and less than 1 over the learning rate")
            }
        case .adagrad, .adam: break
        }
        let rate = optimizer.learningRate
        guard rate > 0, rate.isFinite else { throw TrainingError("the local learning rate is \(rate); choose a finite value above 0") }
    }

    private func check(fraction: Float, _ name: String) throws {
        guard fraction >= 0 && fraction < 1 else { throw TrainingError("\(name) is \(fraction); choose a value of at least 0 and below 1") }
    }

    private func check(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws {
        guard range.contains(value) else {
            throw TrainingError("\(name) is \(value); choose a value from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
