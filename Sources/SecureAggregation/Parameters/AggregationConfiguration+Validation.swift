extension AggregationConfiguration {
    /// Noise beyond so many standard deviations has probability below 10⁻⁵⁵ per word.
    static let noiseTail: UInt64 = 16

    /// Whether the configuration is sound for a cohort, whoever asks.
    /// - Parameters:
    ///   - cohort: with the users that each node declares.
    /// - Throws: ``SecureAggregationError`` `.invalidParameter` naming the field.
    public func validate(for cohort: [CohortMember]) throws {
        func refuse(_ what: String) -> SecureAggregationError { SecureAggregationError(.invalidParameter, what) }
        let n = cohort.count
        guard dimension >= 1, dimension <= Self.maximumDimension else { throw refuse("the vector has \(dimension) words") }
        guard [32, 40, 64].contains(modulusBits) else { throw refuse("the modulus has \(modulusBits) bits instead of 32, 40 or 64") }
        guard gridScale.isFinite, gridScale > 0, clip.isFinite, clip > 0, clipOnGrid > 0 else { throw refuse("clip and grid must be positive numbers") }
        guard minimumOrganisations >= 3 else { throw refuse("a sum over fewer than 3 organisations shows one to the other") }
        guard collusion >= 0, threshold <= n else { throw refuse("the threshold \(threshold) of \(n) nodes cannot be reached") }
        // Two different sets of survivors cannot both gather t signatures when c nodes sign everything.
        guard 2 * threshold > n + collusion else {
            throw refuse("the threshold must satisfy 2t > n + c: \(threshold) does not for \(n) nodes of which \(collusion) collude")
        }
        guard guaranteedHonest >= 2 else { throw refuse("a sum could hold one honest node alone: the threshold must exceed the collusion by 2") }
        guard stageMilliseconds > 0 else { throw refuse("a stage has no time") }
        try graph.validate(nodes: n, threshold: threshold, collusion: collusion)
        guard largestSum(for: cohort).map({ $0 < UInt64(1) << UInt64(modulusBits - 1) }) == true else {
            throw refuse("the sum may exceed \(modulusBits) bits; choose more bits or a coarser grid")
        }
    }

    /// The bound on the magnitude of one node's word: users × D + 16 σ; `nil` beyond 64 bits.
    public func largestWord(users: UInt64) -> UInt64? {
        let part = users.multipliedReportingOverflow(by: clipOnGrid)
        let noise = noiseShare.multipliedReportingOverflow(by: Self.noiseTail)
        let sum = part.partialValue.addingReportingOverflow(noise.partialValue)
        return part.overflow || noise.overflow || sum.overflow ? nil : sum.partialValue
    }

    /// N·D + 16·σ·n, with every step checked; `nil` beyond 64 bits.
    func largestSum(for cohort: [CohortMember]) -> UInt64? {
        var total: UInt64 = 0
        for member in cohort {
            guard let word = largestWord(users: member.users) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(word)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }
}
