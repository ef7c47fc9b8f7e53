import Crypto
import SecureAggregation
import SeededNoise
import SeededRandom

/// A federation for tests: nodes with keys, organisations and inputs, all from one seed.
struct RoundSetting {
    var identities: [MemberID: SigningIdentity] = [:]
    var roster: Roster
    var configuration: AggregationConfiguration
    var announcement: Announcement
    var inputs: [MemberID: [Int64]] = [:]
    var users: UInt64 = 10
    let entropy: SeededEntropySource

    var members: [MemberID] { announcement.members }

    static func key(_ seed: UInt64, _ name: String) throws -> Curve25519.Signing.PrivateKey {
        var stream = RandomStream(seed: seed, "identity").child(name)
        return try Curve25519.Signing.PrivateKey(rawRepresentation: (0..<32).map { _ in UInt8(truncatingIfNeeded: stream.next()) })
    }
    static func hash(_ text: String) -> Hash256 { Hash256(of: Array(text.utf8)) }

    /// - Parameters:
    ///   - nodes: numbered 3, 10, 17, …, one organisation each unless `organisations` is smaller.
    init(
        nodes: Int, dimension: Int = 5, bits: Int = 32, seed: UInt64 = 1, threshold: Int? = nil, collusion: Int? = nil, organisations: Int? = nil,
        minimumOrganisations: Int = 3, graph: GraphChoice = .complete, round: UInt64 = 7
    ) throws {
        entropy = SeededEntropySource(seed: seed)
        let ids = (0..<nodes).map { MemberID(UInt32(3 + 7 * $0)) }
        var members: [RosterMember] = []
        for (index, id) in ids.enumerated() {
            let key = try Self.key(seed, "\(id)")
            let identity = SigningIdentity(member: id, key: key)
            identities[id] = identity
            guard let verification = VerificationKey(identity.publicKey) else { continue }
            members.append(RosterMember(id: id, name: "node-\(id)", organisation: "organisation \(index % (organisations ?? nodes))", key: verification, fingerprint: Self.hash("certificate \(id)")))
        }
        roster = try Roster(epoch: 4, members: members)
        let recommended = Thresholds.recommended(nodes: nodes)
        configuration = AggregationConfiguration(
            run: Self.hash("plan"), dimension: dimension, modulusBits: bits, clipOnGrid: 1000, gridScale: 1024, clip: 0.9765625, noiseShare: 100,
            threshold: threshold ?? recommended.threshold, collusion: collusion ?? recommended.collusion, minimumOrganisations: minimumOrganisations, graph: graph, stageMilliseconds: 1000)
        announcement = Announcement(
            session: Self.hash("session \(seed)"), round: round, modelDigest: Self.hash("model"), rosterEpoch: 4, rosterDigest: roster.digest, configuration: configuration,
            cohort: ids.map { CohortMember(id: $0, users: 10) })
        var stream = RandomStream(seed: seed, "inputs")
        for id in ids { inputs[id] = (0..<dimension).map { _ in Int64(stream.next() % 23_201) - 11_600 } }
    }

    var policy: NodePolicy {
        NodePolicy(
            run: configuration.run, dimension: configuration.dimension, modulusBits: configuration.modulusBits, clipOnGrid: 1000, gridScale: 1024, clip: 0.9765625,
            minimumNoise: configuration.guaranteedNoise, minimumThreshold: configuration.threshold, minimumCollusion: configuration.collusion,
            minimumOrganisations: configuration.minimumOrganisations, enrolledUsers: users)
    }

    func node(_ member: MemberID, policy: NodePolicy? = nil, lastRound: UInt64? = nil) throws -> NodeRound {
        guard let identity = identities[member] else { throw SecureAggregationError(.invalidParameter, "no node \(member)") }
        return NodeRound(identity: identity, roster: PinnedRoster(confirmed: roster, federationKey: nil), policy: policy ?? self.policy, lastRound: lastRound, entropy: entropy)
    }
    func coordinator() throws -> CoordinatorRound { try CoordinatorRound(announcement, roster: roster) }

    /// The sum of the inputs of some nodes, as it should be.
    func sum(of members: [MemberID]) -> [Int64] {
        (0..<configuration.dimension).map { index in members.reduce(Int64(0)) { $0 + (inputs[$1]?[index] ?? 0) } }
    }
}
