import Federation
import FederationGRPC
import SecureAggregation
import SeededNoise

/// Five nodes and their keys.
struct AggregationParty: Sendable {
    let roster: Roster
    let keys: [MemberID: SigningKey]
    let configuration: AggregationConfiguration
    let cohort: [CohortMember]
    static let dimension = 8

    init() throws {
        let entropy = SeededEntropySource(seed: 9)
        var keys: [MemberID: SigningKey] = [:]
        var members: [RosterMember] = []
        for number in 1...5 {
            let id = MemberID(UInt32(number))
            let key = try SigningKey(from: entropy, for: EntropyPurpose(path: ["key \(number)"]))
            guard let verification = VerificationKey(key.publicKey) else { preconditionFailure("32 bytes") }
            keys[id] = key
            members.append(
                RosterMember(id: id, name: "node-\(number)", organisation: "org-\(number)", key: verification, fingerprint: Hash256(of: Array("\(number)".utf8))))
        }
        self.keys = keys
        roster = try Roster(epoch: 1, members: members)
        configuration = AggregationConfiguration(
            run: Hash256(of: Array("plan".utf8)), dimension: Self.dimension, modulusBits: 64, clipOnGrid: 1024, gridScale: 1024, clip: 1, noiseShare: 2048, threshold: 4,
            collusion: 1, minimumOrganisations: 3, stageMilliseconds: 1000)
        cohort = members.map { CohortMember(id: $0.id, users: 10) }
    }

    func announcement(round: UInt64) -> Announcement {
        Announcement(
            session: Hash256(of: Array("session \(round)".utf8)), round: round, modelDigest: Hash256(of: Array("model \(round)".utf8)), rosterEpoch: 1,
            rosterDigest: roster.digest, configuration: configuration, cohort: cohort)
    }

    func node(_ id: MemberID, lastRound: UInt64? = nil) -> NodeRound? {
        guard let key = keys[id] else { return nil }
        return NodeRound(
            identity: key.identity(as: id), roster: PinnedRoster(confirmed: roster, federationKey: nil),
            policy: NodePolicy(
                run: configuration.run, dimension: Self.dimension, modulusBits: 64, clipOnGrid: 1024, gridScale: 1024, clip: 1,
                minimumNoise: configuration.guaranteedNoise, minimumThreshold: 4, minimumCollusion: 1, minimumOrganisations: 3, enrolledUsers: 10),
            lastRound: lastRound)
    }
}

/// A coordinator that follows the protocol except for what a test has it send instead. It is asked over the network.
actor HostileAggregation {
    /// What is sent in place of a message; `nil` sends nothing.
    typealias Tampering = @Sendable (_ to: MemberID, _ message: [UInt8], _ heard: [[UInt8]]) -> [[UInt8]]

    private var machine: CoordinatorRound
    private var mail: [MemberID: [[UInt8]]] = [:]
    private let tampering: Tampering
    /// Everything that nodes have said, in order.
    private(set) var heard: [[UInt8]] = []
    private(set) var isOver = false

    init(_ party: AggregationParty, round: UInt64, tampering: @escaping Tampering = { _, message, _ in [message] }) throws {
        machine = try CoordinatorRound(party.announcement(round: round), roster: party.roster)
        self.tampering = tampering
        let actions = machine.start()
        for case .send(let member, let bytes) in actions { mail[member, default: []] += tampering(member, bytes, []) }
    }

    func exchange(_ exchange: AggregationExchange, from member: MemberID) -> AggregationMail {
        if let message = exchange.message { take(message, from: member) }
        let messages = Array((mail[member] ?? []).dropFirst(exchange.received))
        return AggregationMail(messages: messages, isOver: isOver && messages.isEmpty)
    }

    private func take(_ message: [UInt8], from member: MemberID) {
        heard.append(message)
        var payload: (Hash256, Int)?
        if message.first == MessageKind.maskedInput.rawValue, let digest = Hash256(message.dropFirst(5).prefix(32)) {
            payload = (digest, AggregationParty.dimension * 8)
        }
        let actions = machine.receive(message, from: member, payload: payload.map { (digest: $0.0, byteCount: $0.1) })
        for action in actions {
            switch action {
            case .send(let member, let bytes): mail[member, default: []] += tampering(member, bytes, heard)
            case .ended: isOver = true
            case .removeMasks: isOver = true
            default: break
            }
        }
    }

    /// Nobody is waited for any more.
    func end() { isOver = true }
    /// Sends a message of the attacker's own.
    func send(_ message: [UInt8], to member: MemberID) { mail[member, default: []].append(message) }
    func mail(of member: MemberID) -> [[UInt8]] { mail[member] ?? [] }
    func count(of kind: MessageKind, from member: MemberID? = nil) -> Int {
        heard.count { $0.first == kind.rawValue && (member == nil || Array($0[1..<5]) == member.map(bytes) ?? []) }
    }
    private func bytes(_ member: MemberID) -> [UInt8] { withUnsafeBytes(of: member.rawValue.bigEndian) { Array($0) } }
}

/// A node's session with a hostile coordinator: only the turns of secure aggregation are served.
struct HostileSession: CoordinatorPort {
    let hostile: HostileAggregation
    let member: MemberID

    func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail { await hostile.exchange(exchange, from: member) }

    private var unavailable: FederationError { FederationError(.failedPrecondition, "this coordinator serves secure aggregation only") }
    func currentPlan() async throws -> PlanOffer? { throw unavailable }
    func join(_ declaration: JoinDeclaration) async throws { throw unavailable }
    func nextAssignment(_ poll: AssignmentPoll) async throws -> Assignment { throw unavailable }
    func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws { throw unavailable }
    func uploadStatus(of header: UpdateHeader) async throws -> UploadStatus { throw unavailable }
    func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus { throw unavailable }
    func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) async throws { throw unavailable }
}

/// What a node came to.
struct AttendedRound: Sendable {
    var alarms: [AggregationAlarm.Kind] = []
    var end: RoundEnd?
    var sent: [MessageKind] = []
}

/// A node's machine behind a connection: answers what it is asked until the round is over, or it has been silent for so many turns.
func attend(_ client: some CoordinatorPort, _ machine: NodeRound, round: Int, turns: Int = 60) async throws -> AttendedRound {
    var machine = machine
    var course = AttendedRound()
    var received = 0
    var outgoing: [UInt8]?
    func perform(_ actions: [NodeAction]) {
        for action in actions {
            switch action {
            case .reserve: perform(machine.handle(.reserved))
            case .provideInput: perform(machine.handle(.input([Int64](repeating: 3, count: AggregationParty.dimension))))
            case .send(let message), .sendInput(let message, _):
                course.sent.append(message.kind)
                outgoing = message.encoded()
            case .persistDecision: perform(machine.handle(.decisionDurable))
            case .applyStep(let summary): perform(machine.handle(.nextModel(summary.sumDigest)))
            case .alarm(let alarm): course.alarms.append(alarm.kind)
            case .ended(let end): course.end = end
            }
        }
    }
    let plan = Digest(of: Array("plan".utf8))
    for _ in 0..<turns where course.end == nil {
        let mail = try await client.exchange(AggregationExchange(plan: plan, round: RoundNumber(round), message: outgoing, received: received, patience: .zero))
        outgoing = nil
        for message in mail.messages {
            received += 1
            perform(machine.handle(.message(message)))
        }
        if mail.isOver { perform(machine.handle(.timedOut)) }
        if mail.messages.isEmpty { await Task.yield() }
    }
    return course
}
