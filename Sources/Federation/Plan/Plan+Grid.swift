public import DifferentialPrivacy

extension Plan {
    /// Coordinates of an update for a model of d parameters: with privacy `off` the weight comes last, with an adaptive clip the count of users within it.
    public func coordinateCount(parameters d: Int) -> Int { privacy.isOff || privacy.mechanism?.adaptiveClip != nil ? d + 1 : d }

    /// Bytes of an update's payload for a model of d parameters.
    public func payloadByteCount(parameters d: Int) -> Int {
        UpdateCodec(modulusBits: privacy.grid.modulusBits).byteCount(coordinates: coordinateCount(parameters: d))
    }

    /// Whether no sum over so many users and nodes can leave −2^(b−1) ..< 2^(b−1), so that its representative is the true one.
    ///
    /// Privacy `off`: nodes × R·s, checked for each update by the coordinator, is a hard bound. Private modes: a coordinate is at most
    /// N × D, because no user's exceeds D; 12 standard deviations of the noise of all nodes are added (beyond lies a probability below 10⁻³²
    /// a coordinate); N is taken 6 % larger than declared, because declarations are rounded to two digits. Wrapping would cost
    /// accuracy, never privacy.
    public func fits(enrolledUsers: Int, nodes: Int) -> Bool {
        let limit = Double(sign: .plus, exponent: privacy.grid.modulusBits - 1, significand: 1) - 1
        switch privacy.mode {
        case .off(let range):
            return Double(nodes) * (range * privacy.grid.scale).rounded(.up) <= limit
        case .distributed(let mechanism, let aggregation):
            // Every node is bounded by its own users and noise, so that the sum is too; see `AggregationConfiguration.validate(for:)`.
            let bound = (mechanism.clip * privacy.grid.scale).rounded(.down)
            let share = (mechanism.noiseMultiplier * bound / Double(max(1, aggregation.guaranteedHonest)).squareRoot()).rounded(.up)
            return Double(enrolledUsers) * 1.06 * bound + 16 * share * Double(min(nodes, max(1, aggregation.maximumCohort))) <= limit
        case .local(let mechanism), .central(let mechanism):
            let sources: Int = if case .local = privacy.mode { nodes } else { 1 }
            func fits(_ bound: Double, _ deviation: Double) -> Bool {
                Double(enrolledUsers) * 1.06 * bound + 12 * deviation * Double(max(sources, 1)).squareRoot() <= limit
            }
            let bound = (mechanism.clip * privacy.grid.scale).rounded(.down)
            guard fits(bound, mechanism.noiseMultiplier * bound) else { return false }
            guard let adaptive = mechanism.adaptiveClip, let clipping = try? privacy.clippingBound() else { return true }
            let half = Double(adaptive.half(clipping))
            return fits(half, 2 * adaptive.countDeviation * half)
        }
    }
}

extension PrivacyPlan {
    public var isOff: Bool {
        if case .off = mode { true } else { false }
    }

    /// C and D of the plan's mechanism; `nil` with privacy `off`.
    /// - Throws: `PrivacyError` when the grid does not suit the clip.
    public func clippingBound() throws -> ClippingBound? {
        try mechanism.map { try ClippingBound(clip: $0.clip, scale: grid.scale) }
    }

    /// The largest magnitude a node's coordinate may have with privacy `off`, in grid units; `nil` in private modes.
    public var nodeRange: Int64? {
        guard case .off(let range) = mode else { return nil }
        return Int64(exactly: (range * grid.scale).rounded(.down))
    }
}

extension JoinDeclaration {
    /// The number of users as it is declared: rounded to two significant digits, half up.
    public static func publicCount(of users: Int) -> Int {
        precondition(users >= 0, "a count of users is not negative")
        var unit = 1
        while users / unit >= 100 { unit *= 10 }
        return (users + unit / 2) / unit * unit
    }
}
