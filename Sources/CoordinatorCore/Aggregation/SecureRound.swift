import Federation
import SecureAggregation

/// A round of secure aggregation as the coordinator holds it: the protocol's machine, the messages for each node, and the deadline of the
/// stage. In memory only: what it holds must not outlive the process, and a round without it is lost.
struct SecureRound: Sendable {
    let round: RoundNumber
    private(set) var machine: CoordinatorRound
    private let numbers: [NodeID: MemberID]
    private let timeForTraining: Duration
    private let timeForStage: Duration
    /// In order, for each node of the cohort.
    private var mail: [MemberID: [[UInt8]]] = [:]
    private var spoken: Set<NodeID> = []
    private(set) var deadline: WallTime
    /// What masks the sum, once that is known.
    private(set) var removal: MaskRemoval?
    /// Digest of the published sum.
    private(set) var sum: Digest?
    /// The coordinator's own next model, to be published when the nodes have confirmed it.
    private(set) var model: ModelReference?
    private(set) var isOver = false

    /// What a change leads to outside.
    enum Outcome: Sendable {
        case survivorsFixed
        case unmasked
        /// t nodes have confirmed this model, which is the coordinator's own.
        case confirmed(ModelReference)
        case failed(AbandonReason, String)
        /// For the log only.
        case noted(String)
    }

    /// - Throws: `SecureAggregationError` when the cohort, the roster and the plan do not fit together.
    init(
        _ opening: RoundOpening, plan: Plan, parameters: Int, roster: Roster, users: [NodeID: Int], session: Hash256, at now: WallTime
    ) throws {
        let members = opening.cohort.compactMap { node in roster.member(named: node.name).map { (node, $0.id) } }
        guard let aggregation = plan.privacy.aggregation, members.count == opening.cohort.count,
            let configuration = try plan.aggregationConfiguration(parameters: parameters, nodes: members.count)
        else { throw SecureAggregationError(.invalidParameter, "a node of the cohort is not in the plan's roster") }
        let cohort = members.map { CohortMember(id: $0.1, users: UInt64(users[$0.0] ?? 0)) }.sorted { $0.id < $1.id }
        machine = try CoordinatorRound(
            Announcement(
                session: session, round: UInt64(opening.round.value), modelDigest: Hash256(opening.baseModel.digest), rosterEpoch: roster.epoch,
                rosterDigest: roster.digest, configuration: configuration, cohort: cohort),
            roster: roster)
        round = opening.round
        numbers = Dictionary(uniqueKeysWithValues: members)
        timeForTraining = .seconds(plan.selection.deadlineSeconds)
        timeForStage = .seconds(aggregation.stageSeconds)
        deadline = now + timeForTraining
        let actions = machine.start()
        _ = apply(actions, at: now)
    }

    /// Whether the node has sent its keys: whoever asks for work after that has left the conversation.
    func hasSpoken(_ node: NodeID) -> Bool { spoken.contains(node) }

    func member(_ node: NodeID) -> MemberID? { numbers[node] }

    /// The messages for a node from a place on.
    func mail(for node: NodeID, from place: Int) -> [[UInt8]] {
        guard let member = numbers[node], let messages = mail[member], place < messages.count else { return [] }
        return Array(messages[max(0, place)...])
    }

    /// Takes a node's message.
    /// - Parameter payload: with a masked input: what is stored under it.
    /// - Returns: `nil` when it does not count.
    mutating func receive(_ message: [UInt8], from node: NodeID, payload: (digest: Digest, byteCount: Int)? = nil, at now: WallTime) -> [Outcome]? {
        guard let member = numbers[node] else { return nil }
        let actions = machine.receive(message, from: member, payload: payload.map { (Hash256($0.digest), $0.byteCount) })
        spoken.insert(node)
        let isRefused = actions.contains { if case .refused = $0 { true } else { false } }
        let outcomes = apply(actions, at: now)
        return isRefused && payload != nil ? nil : outcomes
    }

    /// The node takes no further part.
    mutating func left(_ node: NodeID, at now: WallTime) -> [Outcome] {
        guard let member = numbers[node], !isOver else { return [] }
        let actions = machine.left(member)
        return apply(actions, at: now)
    }

    /// Goes on with those who answered when the stage's time is over.
    mutating func checkDeadline(at now: WallTime) -> [Outcome] {
        guard !isOver, now >= deadline else { return [] }
        let actions = machine.deadlinePassed()
        // While the sum is being taken nobody is waited for.
        if actions.isEmpty { deadline = now + timeForStage }
        return apply(actions, at: now)
    }

    /// The sum and the model computed from it are durable: the nodes are told, and asked to confirm.
    mutating func summed(_ digest: Digest, model: ModelReference, at now: WallTime) -> [Outcome] {
        sum = digest
        self.model = model
        removal = nil
        let actions = machine.summed(Hash256(digest))
        return apply(actions, at: now)
    }

    mutating func abandon(_ why: String, at now: WallTime) {
        let actions = machine.abandon(why)
        _ = apply(actions, at: now)
        isOver = true
    }

    private mutating func apply(_ actions: [CoordinatorAction], at now: WallTime) -> [Outcome] {
        var outcomes: [Outcome] = []
        for action in actions {
            switch action {
            case .send(let member, let bytes): mail[member, default: []].append(bytes)
            case .entered(let stage):
                deadline = now + (stage == .keys || stage == .maskedInput ? timeForTraining : timeForStage)
                if stage == .consistency { outcomes.append(.survivorsFixed) }
            case .refused(let member, let alarm): outcomes.append(.noted("a message of node \(member) does not count: \(alarm)"))
            case .disputed(let disputes):
                for dispute in disputes { outcomes.append(.noted("shares of node \(dispute.owner)'s secret held by \(dispute.holders) do not fit the others")) }
            case .blamed(let members, let alarm): outcomes.append(.noted("nodes \(members) broke a rule: \(alarm)"))
            case .removeMasks(let masks):
                removal = masks
                outcomes.append(.unmasked)
            case .published: break
            case .ended(let end):
                isOver = true
                outcomes.append(outcome(of: end))
            }
        }
        return outcomes
    }

    private func outcome(of end: CoordinatorEnd) -> Outcome {
        switch end {
        case .completed:
            guard let model, machine.confirmedModel == Hash256(model.digest) else {
                return .failed(.modelsDiffer, "the nodes computed another next model from the sum than the coordinator")
            }
            return .confirmed(model)
        case .abandoned(let alarm): return .failed(alarm.kind == .modelDiffers ? .modelsDiffer : .aggregationFailed, "\(alarm)")
        }
    }
}
