internal import DifferentialPrivacy
internal import Federation
internal import SecureAggregation

/// What a joined plan of mode `distributed` needs in every round: who the node is, who the others are, and what it insists on.
struct AggregationStanding: Sendable {
    let identity: SigningIdentity
    let roster: PinnedRoster
    let policy: NodePolicy
}

extension NodeRunner {
    /// Checks the plan's roster against what this node knows, and remembers the keys it did not know.
    /// - Returns: `nil` in other modes.
    /// - Throws: `FederationError` `.rejected` when the roster lacks this node or gives a node another key than before.
    func aggregationStanding(of plan: Plan, digest: Digest, parameters d: Int, roster encoded: [UInt8]?, enrolledUsers: Int) async throws -> AggregationStanding? {
        guard let aggregation = plan.privacy.aggregation else { return nil }
        guard let key = aggregationKey else {
            throw FederationError(.rejected, "The plan's privacy mode is distributed, and this node has no aggregation key; enrol it again.")
        }
        guard let encoded, let roster = try? Roster(decoding: encoded) else {
            throw FederationError(.rejected, "The coordinator sent no roster that can be read for a plan of mode distributed; use the release that the coordinator runs.")
        }
        guard let own = roster.member(named: node.name), own.key.bytes == key.publicKey else {
            throw FederationError(.rejected, "The plan's roster does not hold this node with its own aggregation key. Its operator must enrol the node again and start another plan.")
        }
        var keys: [NodeID: [UInt8]] = [:]
        for member in roster.members {
            guard let node = NodeID(member.name) else { throw FederationError(.rejected, "The plan's roster holds \(member.name), which is no name of a node.") }
            keys[node] = member.key.bytes
        }
        if let changed = try await storage.pinnedKeys().first(where: { keys[$0.key] != nil && keys[$0.key] != $0.value })?.key {
            throw FederationError(
                .rejected,
                "The plan's roster gives node \(changed) another aggregation key than this node has seen. Somebody may pretend to be \(changed): ask its operator whether it enrolled again."
                    + " If it did, it must enrol under another name.")
        }
        guard let configuration = try plan.aggregationConfiguration(parameters: d, nodes: plan.selection.minimumCohort) else { return nil }
        try await storage.pin(keys)
        return AggregationStanding(
            identity: key.identity(as: own.id), roster: PinnedRoster(confirmed: roster, federationKey: nil),
            policy: NodePolicy(
                run: configuration.run, dimension: configuration.dimension, modulusBits: configuration.modulusBits, clipOnGrid: configuration.clipOnGrid,
                gridScale: configuration.gridScale, clip: configuration.clip, minimumNoise: configuration.guaranteedNoise,
                minimumThreshold: aggregation.threshold, minimumCollusion: aggregation.collusion,
                minimumOrganisations: aggregation.minimumOrganisations, enrolledUsers: UInt64(enrolledUsers)))
    }
}
