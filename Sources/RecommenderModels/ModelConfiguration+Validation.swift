extension ModelConfiguration {
    /// Checks every value against the range its documentation gives.
    /// - Throws: `ModelError` naming the first value out of range and what is allowed.
    public func validate() throws {
        switch self {
        case .gru4rec(let configuration), .lstm(let configuration): try configuration.validate()
        case .bprMF(let configuration): try configuration.validate()
        case .ials(let configuration), .ialsStatistics(let configuration): try configuration.validate()
        case .item2Vec(let configuration): try configuration.validate()
        case .sasRec(let configuration): try configuration.validate()
        case .ease(let configuration): try configuration.validate()
        case .itemKNN(let configuration): try configuration.validate()
        case .itemTransitions(let configuration): try configuration.validate()
        case .pureSVD(let configuration): try configuration.validate()
        case .nmf(let configuration): try configuration.validate()
        case .lightGCN(let configuration): try configuration.validate()
        case .caser(let configuration): try configuration.validate()
        case .bert4rec(let configuration): try configuration.validate()
        }
    }

    /// Parameters an item brings with it.
    var parametersPerItem: Int {
        switch self {
        case .gru4rec(let configuration), .lstm(let configuration): configuration.parametersPerItem
        case .bprMF(let configuration): configuration.dimension + 1
        case .ials(let configuration): configuration.dimension
        case .ialsStatistics(let configuration): 1 + configuration.dimension + IALSStatistics.productCount(configuration.dimension)
        case .item2Vec(let configuration): 2 * configuration.dimension
        case .sasRec(let configuration): configuration.parametersPerItem
        // A triangle of pairs, whose size the model itself limits.
        case .ease, .itemKNN, .itemTransitions, .pureSVD: 1
        case .nmf(let configuration): configuration.dimension
        case .lightGCN(let configuration): 2 * configuration.dimension
        case .caser(let configuration): configuration.parametersPerItem
        case .bert4rec(let configuration): configuration.parametersPerItem
        }
    }
}

extension BPRMFConfiguration {
    func validate() throws {
        try check(dimension, in: 1...1024, "the dimension")
        try check(weight: regularization, "the regularization")
        try check(foldInSteps, in: 1...1000, "the number of fold-in steps")
        guard (-1...1).contains(negativeExponent) else {
            throw ModelError("the exponent of the negatives is \(negativeExponent); choose a value from -1 to 1")
        }
    }
}

func check(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws {
    guard range.contains(value) else {
        throw ModelError("\(name) is \(value); choose a value from \(range.lowerBound) to \(range.upperBound)")
    }
}

func check(dropout: Float, _ name: String) throws {
    guard dropout >= 0, dropout < 1 else { throw ModelError("\(name) is \(dropout); choose a probability of at least 0 and below 1") }
}

func check(weight: Float, _ name: String) throws {
    guard weight >= 0, weight.isFinite else { throw ModelError("\(name) is \(weight); choose a finite value of at least 0") }
}
