extension TrainingConfiguration {
    /// Checks every value against the range its documentation gives.
    /// - Throws: `TrainingError` naming the first value out of range and what is allowed.
    public func validate() throws {
        try check(epochs, in: 1...10_000, "the number of local epochs")
        try check(batchSize, in: 1...65_536, "the batch size")
        try check(maximumLength, in: 2...1000, "the maximum length")
        try check(maximumWindows, in: 1...1_000_000, "the maximum number of windows")
        try check(minimumEvents, in: 2...1_000_000, "the minimum number of events")
        if case .sgd(_, let momentum) = optimizer, !(momentum >= 0 && momentum < 1) {
            throw TrainingError("the momentum is \(momentum); choose a value of at least 0 and below 1")
        }
        let rate =
            switch optimizer {
            case .sgd(let rate, _), .adagrad(let rate), .adam(let rate): rate
            }
        guard rate > 0, rate.isFinite else { throw TrainingError("the local learning rate is \(rate); choose a finite value above 0") }
    }

    private func check(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws {
        guard range.contains(value) else {
            throw TrainingError("\(name) is \(value); choose a value from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
