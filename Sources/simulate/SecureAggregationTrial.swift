import SecureAggregation
import SeededRandom

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One round of secure aggregation with all its cryptography on one core, and what each side spent.
struct SecureAggregationTrial {
    let roster: Roster
    let announcement: Announcement
    let identities: [SigningIdentity]
    let dropped: Set<MemberID>
    let seed: UInt64

    /// What was spent. Seconds are processor time of the one thread that runs everything, so that other processes do not count.
    struct Spent {
        /// Of one node that stayed, on average over them; noise and training are not in it.
        var clientSeconds = 0.0
        var coordinatorSeconds = 0.0
        /// Bytes that a node sent, the largest of those that stayed.
        var bytesPerNode = 0
        /// Whether the sum was that of the survivors' inputs, and the round completed.
        var exact = false
    }

    /// - Parameter drops: nodes that deal their shares and are not heard of again: their mask keys must be rebuilt.
    init(nodes: Int, dimension: Int, modulusBits: Int, drops: Int, seed: UInt64) throws {
        identities = (1...UInt32(nodes)).map { SigningIdentity.fresh(member: MemberID($0)) }
        let anything = Hash256(of: Array("trial".utf8))
        roster = try Roster(epoch: 1, members: identities.compactMap { identity in
            VerificationKey(identity.publicKey).map {
                RosterMember(id: identity.member, name: "node-\(identity.member)", organisation: "organisation \(identity.member)", key: $0, fingerprint: anything)
            }
        })
        let thresholds = Thresholds.recommended(nodes: nodes)
        let configuration = AggregationConfiguration(
            run: anything, dimension: dimension, modulusBits: modulusBits, clipOnGrid: 1 << 10, gridScale: 1024, clip: 1, noiseShare: 1 << 12,
            threshold: thresholds.threshold, collusion: thresholds.collusion, minimumOrganisations: 3,
            graph: try GraphChoice.recommended(nodes: nodes, collusion: nodes > GraphChoice.largestComplete ? nodes / 20 : thresholds.collusion, dropouts: max(drops, nodes / 20)),
            stageMilliseconds: 60_000)
        announcement = Announcement(
            session: Hash256(of: withUnsafeBytes(of: seed) { Array($0) }), round: 1, modelDigest: anything, rosterEpoch: 1, rosterDigest: roster.digest,
            configuration: configuration, cohort: identities.map { CohortMember(id: $0.member, users: 100) })
        dropped = Set(identities.suffix(drops).map(\.member))
        self.seed = seed
    }

    private var policy: NodePolicy {
        let configuration = announcement.configuration
        return NodePolicy(
            run: configuration.run, dimension: configuration.dimension, modulusBits: configuration.modulusBits, clipOnGrid: configuration.clipOnGrid,
            gridScale: configuration.gridScale, clip: configuration.clip, minimumNoise: configuration.guaranteedNoise, minimumThreshold: configuration.threshold,
            minimumCollusion: configuration.collusion, minimumOrganisations: 3, enrolledUsers: 100)
    }
    private func input(of member: MemberID) -> [Int64] {
        var stream = RandomStream(seed: seed, "inputs").child("\(member)")
        return (0..<announcement.configuration.dimension).map { _ in Int64(stream.next() % 100_001) - 50_000 }
    }

    func run() throws -> Spent {
        var spent = Spent()
        var coordinator = try CoordinatorRound(announcement, roster: roster)
        var nodes = Dictionary(uniqueKeysWithValues: identities.map {
            ($0.member, NodeRound(identity: $0, roster: PinnedRoster(confirmed: roster, federationKey: nil), policy: policy, lastRound: nil))
        })
        var clientSeconds: [MemberID: Double] = [:]
        var bytes: [MemberID: Int] = [:]
        var vector = MaskedVector(dimension: announcement.configuration.dimension, modulusBits: announcement.configuration.modulusBits)
        var expected = [Int64](repeating: 0, count: announcement.configuration.dimension)
        var underway: [(MemberID, NodeEvent)] = []

        func perform(_ actions: [CoordinatorAction]) throws {
            for action in actions {
                switch action {
                case .send(let member, let bytes): underway.append((member, .message(bytes)))
                case .removeMasks(let removal):
                    let start = Self.processorSeconds()
                    try vector.remove(removal)
                    let payload = vector.payload()
                    let next = coordinator.summed(Hash256(of: payload))
                    spent.coordinatorSeconds += Self.processorSeconds() - start
                    spent.exact = vector.centred() == expected
                    try perform(next)
                case .refused(_, let alarm), .blamed(_, let alarm): throw alarm
                case .ended(.abandoned(let alarm)): throw alarm
                case .entered, .disputed, .published, .ended: break
                }
            }
        }
        func receive(_ message: SignedMessage, payload: [UInt8]?) throws {
            let encoded = message.encoded()
            bytes[message.sender, default: 0] += encoded.count + (payload?.count ?? 0)
            let start = Self.processorSeconds()
            // A payload is added when it comes and is not kept: memory does not grow with the nodes.
            let fact = payload.map { (digest: Hash256(of: $0), byteCount: $0.count) }
            if let payload { try vector.add(payload: payload) }
            let actions = coordinator.receive(encoded, from: message.sender, payload: fact)
            spent.coordinatorSeconds += Self.processorSeconds() - start
            try perform(actions)
        }

        try perform(coordinator.start())
        while true {
            while !underway.isEmpty {
                let (member, event) = underway.removeFirst()
                guard var node = nodes.removeValue(forKey: member) else { continue }
                let start = Self.processorSeconds()
                let actions = node.handle(event)
                clientSeconds[member, default: 0] += Self.processorSeconds() - start
                nodes[member] = node
                for action in actions {
                    switch action {
                    case .reserve: underway.insert((member, .reserved), at: 0)
                    case .provideInput:
                        if dropped.contains(member) { continue }
                        let values = input(of: member)
                        for index in expected.indices { expected[index] += values[index] }
                        underway.insert((member, .input(values)), at: 0)
                    case .persistDecision: underway.insert((member, .decisionDurable), at: 0)
                    case .applyStep(let summary): underway.insert((member, .nextModel(summary.sumDigest)), at: 0)
                    case .send(let message): try receive(message, payload: nil)
                    case .sendInput(let message, let payload): try receive(message, payload: payload)
                    case .alarm(let alarm): throw alarm
                    case .ended: break
                    }
                }
            }
            if coordinator.stage == .ended { break }
            try perform(coordinator.deadlinePassed())
        }
        let stayed = identities.map(\.member).filter { !dropped.contains($0) }
        spent.clientSeconds = stayed.reduce(0) { $0 + (clientSeconds[$1] ?? 0) } / Double(stayed.count)
        spent.bytesPerNode = stayed.compactMap { bytes[$0] }.max() ?? 0
        return spent
    }

    /// Processor time of this thread.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    /// The most memory this process has had.
    static func peakMemoryBytes() -> Int {
        var usage = rusage()
        #if canImport(Darwin)
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
        #else
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
        #endif
    }
}
