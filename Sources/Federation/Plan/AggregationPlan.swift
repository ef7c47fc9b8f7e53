import DifferentialPrivacy
public import SecureAggregation

/// How the sum of a round is taken in privacy mode `distributed`: nobody sees one node's part, and each node adds only its share of the noise.
public struct AggregationPlan: Sendable, Hashable {
    /// t: how many nodes must survive a round and agree on who is in it; what the noise is sized for.
    public var threshold: Int
    /// c: how many nodes may tell the coordinator all they know without making the claim worse. t − c ≥ 2.
    public var collusion: Int
    /// Organisations in every published sum; ≥ 3.
    public var minimumOrganisations: Int
    /// Seconds that the coordinator waits for the slowest node in each stage after training; ≥ 1.
    public var stageSeconds: Int

    public init(threshold: Int, collusion: Int, minimumOrganisations: Int = 3, stageSeconds: Int = 60) {
        self.threshold = threshold
        self.collusion = collusion
        self.minimumOrganisations = minimumOrganisations
        self.stageSeconds = stageSeconds
    }

    /// t − c: nodes whose noise is certain to be in every published sum, also when c others tell theirs.
    public var guaranteedHonest: Int { threshold - collusion }

    /// The largest cohort for which 2t > n + c, so that no two sets of survivors can both gather t signatures.
    public var maximumCohort: Int { 2 * threshold - collusion - 1 }

    /// What suits so many nodes: from five on t = ⌊2n/3⌋ + 1 and c = ⌊(n − 1)/3⌋, with fewer everybody must stay and nobody may collude.
    public static func recommended(nodes: Int) -> AggregationPlan {
        guard nodes >= fewestTolerant else { return AggregationPlan(threshold: nodes, collusion: 0) }
        let choice = Thresholds.recommended(nodes: nodes)
        return AggregationPlan(threshold: choice.threshold, collusion: choice.collusion)
    }

    /// With fewer nodes a round tolerates neither a drop nor a colluding node.
    public static let fewestTolerant = 5
}

extension PrivacyPlan {
    /// `nil` unless the mode is `distributed`.
    public var aggregation: AggregationPlan? {
        if case .distributed(_, let aggregation) = mode { aggregation } else { nil }
    }

    /// σ that each source of noise adds, on the grid: every node its share σ_s = ⌈z·D/√(t − c)⌉ in mode `distributed`, else ⌈z·D⌉; `nil` with
    /// privacy `off`.
    /// - Throws: `PrivacyError` when clip, grid and noise do not fit together.
    public func noiseOnGrid() throws -> Int? {
        guard let mechanism, let bound = try clippingBound() else { return nil }
        let shares = Double(aggregation?.guaranteedHonest ?? 1).squareRoot()
        return try bound.standardDeviation(noiseMultiplier: mechanism.noiseMultiplier / shares)
    }

    /// The least share of the noise in grid units. From here on a sum of shares is within a factor 1 ± e^(−10⁷) of one discrete Gaussian
    /// (Kairouz, Liu, Steinke 2021, theorem 1), which no accountant can tell apart.
    static let smallestNoiseShare = 1024
}

extension Plan {
    /// What a round of secure aggregation over this plan is about, for a cohort of n nodes; `nil` in other modes.
    /// - Parameter d: parameters of the model.
    /// - Throws: `PrivacyError`, or `SecureAggregationError` when no graph joins so many nodes safely.
    public func aggregationConfiguration(parameters d: Int, nodes n: Int) throws -> AggregationConfiguration? {
        guard let aggregation = privacy.aggregation, let mechanism = privacy.mechanism, let bound = try privacy.clippingBound(), let share = try privacy.noiseOnGrid()
        else { return nil }
        return AggregationConfiguration(
            run: Hash256(digest), dimension: d, modulusBits: privacy.grid.modulusBits, clipOnGrid: UInt64(bound.onGrid), gridScale: privacy.grid.scale,
            clip: mechanism.clip, noiseShare: UInt64(share), threshold: aggregation.threshold, collusion: aggregation.collusion,
            minimumOrganisations: aggregation.minimumOrganisations,
            graph: try GraphChoice.recommended(nodes: n, collusion: aggregation.collusion, dropouts: max(0, n - aggregation.threshold)),
            stageMilliseconds: UInt64(aggregation.stageSeconds) * 1000)
    }
}

extension Hash256 {
    /// The same 32 bytes.
    public init(_ digest: Digest) {
        guard let hash = Hash256(digest.bytes) else { preconditionFailure("a digest has 32 bytes") }
        self = hash
    }
}

extension Digest {
    /// The same 32 bytes.
    public init(_ hash: Hash256) {
        guard let digest = Digest(bytes: hash.bytes) else { preconditionFailure("a hash has 32 bytes") }
        self = digest
    }
}
