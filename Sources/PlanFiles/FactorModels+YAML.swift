import RecommenderModels
import StrictYAML

extension IALSConfiguration {
    init(_ keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...512) ?? dimension
        regularization = try keys.positive("regularization") ?? regularization
        regularizationExponent = try keys.number("regularization-exponent", from: 0, through: 2) ?? regularizationExponent
        unobservedWeight = try keys.positive("unobserved-weight") ?? unobservedWeight
        solverSteps = try keys.optionalInteger("solver-steps", in: 0...100) ?? solverSteps
    }
}

extension Item2VecConfiguration {
    init(_ keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...512) ?? dimension
        window = try keys.optionalInteger("window", in: 1...1000) ?? window
        negatives = try keys.optionalInteger("negatives", in: 1...1000) ?? negatives
        negativeExponent = try keys.number("negative-exponent", from: -1, through: 1) ?? negativeExponent
        subsampling = try keys.number("subsampling", from: 0, through: 1) ?? subsampling
        directed = try keys.optionalFlag("directed") ?? directed
        scoring = try keys.optionalChoice("scoring", ["inputs": .inputs, "outputs": .outputs]) ?? scoring
        recency = try keys.optionalNumber("recency", "a number above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }).map(Float.init) ?? recency
    }
}

extension StrictMapping {
    fileprivate mutating func positive(_ key: String) throws(YAMLFileError) -> Float? {
        try optionalNumber(key, "a number above 0", where: { $0 > 0 }).map(Float.init)
    }

    /// A number of a closed range.
    mutating func number(_ key: String, from least: Double, through most: Double) throws(YAMLFileError) -> Float? {
        try optionalNumber(key, "a number from \(least) to \(most)", where: { $0 >= least && $0 <= most }).map(Float.init)
    }
}
