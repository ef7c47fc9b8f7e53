import DifferentialPrivacy

extension ModelVersion {
    /// The version after a round whose sum is known: what the coordinator publishes, and what every node computes for itself in privacy mode
    /// `distributed`. Elementwise, with + − × ÷ √ only, so that all of them get the same bits.
    /// - Parameters:
    ///   - parent: digest of this version.
    ///   - sum: centred grid coordinates; with privacy `off` the last one is the summed weight.
    ///   - enrolledUsers: Σ over the nodes in the sum, as declared.
    /// - Returns: `nil` when nothing carries weight.
    public func next(in round: RoundNumber, parent: Digest, sum: [Int64], enrolledUsers: Int, of plan: Plan) -> ModelVersion? {
        PseudoGradient(sum: sum, plan: plan, enrolledUsers: enrolledUsers, clip: clip).map {
            next(round: round, parent: parent, delta: $0.delta, by: plan.serverOptimizer(in: round), clip: $0.nextClip)
        }
    }
}

/// The mean update of a round, in the units of the parameters.
public struct PseudoGradient: Sendable, Hashable {
    public let delta: [Float]
    /// The next round's clip, where the plan adapts it.
    public let nextClip: Double?

    /// - Parameters:
    ///   - sum: centred grid coordinates; with privacy `off` the last one is the summed weight.
    ///   - enrolledUsers: Σ over the nodes in the sum, as declared; the public normaliser of private modes, times the sampling rate.
    ///   - clip: the round's; `nil` is the plan's.
    /// - Returns: `nil` when nothing carries weight.
    public init?(sum: [Int64], plan: Plan, enrolledUsers: Int, clip: Double? = nil) {
        let normaliser: Double
        var unit = plan.privacy.grid.scale
        let coordinates: ArraySlice<Int64>
        if let mechanism = plan.privacy.mechanism {
            normaliser = Double(enrolledUsers) * mechanism.samplingRate
            let current = clip ?? mechanism.clip
            // Deltas were stretched by the ratio of the plan's clip to the round's.
            if current != mechanism.clip { unit *= mechanism.clip / current }
            if let adaptive = mechanism.adaptiveClip, let count = sum.last, normaliser > 0, let bound = try? plan.privacy.clippingBound() {
                coordinates = sum.dropLast()
                nextClip = adaptive.next(after: current, initial: mechanism.clip, noisyCount: count, half: adaptive.half(bound), users: normaliser)
            } else {
                coordinates = sum[...]
                nextClip = nil
            }
        } else {
            nextClip = nil
            normaliser = Double(sum.last ?? 0)
            coordinates = sum.dropLast()
        }
        guard normaliser > 0 else { return nil }
        let divisor = unit * normaliser
        delta = coordinates.map { Float(Double($0) / divisor) }
    }
}
