/// One node's part in one round, as a pure state machine: events in, actions out, secrets in memory only.
///
/// The protocol is that of Bonawitz et al. (CCS 2017) with a malicious coordinator in mind: signed keys, a consistency round before anything
/// is revealed, and every key bound to the session, the model, the configuration and the exact set of adverts. A message that breaks a rule ends
/// the round and its secrets. A message that was already answered is answered the same; nothing new is revealed. After a crash the
/// round is lost: its secrets were nowhere else, and the reservation keeps the node from entering it again.
public struct NodeRound: Sendable {
    let identity: SigningIdentity
    let roster: Roster
    let policy: NodePolicy
    let entropy: any EntropySource
    /// The newest round of the run that this node has ever reserved.
    let lastRound: UInt64?

    var phase: Phase = .waiting
    /// Messages already answered, by kind.
    var answered: [MessageKind: Answer] = [:]
    /// Whether the masked input has left.
    public internal(set) var inputReleased = false

    struct Answer: Sendable {
        var request: Hash256
        var reply: SignedMessage?
    }

    /// - Parameters:
    ///   - lastRound: from the durable reservations of this run; `nil` when there is none.
    public init(identity: SigningIdentity, roster: PinnedRoster, policy: NodePolicy, lastRound: UInt64?, entropy: any EntropySource = SystemEntropySource()) {
        self.identity = identity
        self.roster = roster.roster
        self.policy = policy
        self.lastRound = lastRound
        self.entropy = entropy
    }

    /// Whose round it is.
    public var member: MemberID { identity.member }
    /// What the node waits for.
    public var stage: AggregationStage { phase.stage }

    /// Takes an event and says what to do. Never throws and never traps, whatever the coordinator sends.
    public mutating func handle(_ event: NodeEvent) -> [NodeAction] {
        do {
            return try respond(to: event)
        } catch let alarm as AggregationAlarm {
            return end(with: alarm)
        } catch let problem as SecureAggregationError {
            let kind: AggregationAlarm.Kind = switch problem.code {
            case .malformed: .malformed
            case .noEntropy: .entropy
            case .unauthentic: .signature
            case .invalidParameter: .policy
            }
            return end(with: AggregationAlarm(kind, problem.message))
        } catch {
            return end(with: AggregationAlarm(.entropy, "\(error)"))
        }
    }

    private mutating func respond(to event: NodeEvent) throws -> [NodeAction] {
        if case .ended = phase { return [] }
        switch (event, phase) {
        case (.message(let bytes), _): return try receive(bytes)
        case (.reserved, .reserving(let announcement)): return try advertise(announcement)
        case (.declined, .reserving), (.timedOut, _): return end()
        case (.input(let values), .preparing(let keyed, let secrets, let delivered)): return try mask(values, keyed, secrets, delivered)
        case (.decisionDurable, .deciding(let keyed, let open, let unmasking)): return try reveal(keyed, open, unmasking)
        case (.nextModel(let digest), .applying(let keyed, let open, let summary)): return try confirm(digest, keyed, open, summary)
        default: throw AggregationAlarm(.outOfTurn, "the node's own shell answered what was not asked at stage \(stage)")
        }
    }

    private mutating func receive(_ bytes: [UInt8]) throws -> [NodeAction] {
        guard let tag = bytes.first, let kind = MessageKind(rawValue: tag) else { throw AggregationAlarm(.malformed, "the coordinator sent bytes of no known kind") }
        let request = Hash256(of: bytes)
        if let answer = answered[kind] { return try repeatAnswer(answer, kind: kind, request: request) }
        let actions: [NodeAction]
        switch (kind, phase) {
        case (.announcement, .waiting): actions = try announced(bytes)
        case (.keyList, .advertised(let own)): actions = try keysListed(bytes, own)
        case (.shareDelivery, .sharing(let keyed, let secrets)): actions = try sharesDelivered(bytes, keyed, secrets)
        case (.survivors, .masked(let keyed, let open)): actions = try survivorsListed(bytes, keyed, open)
        case (.unmaskRequest, .signed(let keyed, let open, let survivors)): actions = try unmaskRequested(bytes, keyed, open, survivors)
        case (.result, .revealed(let keyed, let open)): actions = try published(bytes, keyed, open)
        case (.confirmations, .confirmed(let keyed, let open, let own)): actions = try confirmed(bytes, keyed, open, own)
        default: throw AggregationAlarm(.outOfTurn, "a message of kind \(kind) came at stage \(stage)")
        }
        answered[kind] = Answer(request: request, reply: actions.lazy.compactMap(\.message).first)
        return actions
    }

    /// The same request gets the same reply; another one of the same kind gets nothing.
    private func repeatAnswer(_ answer: Answer, kind: MessageKind, request: Hash256) throws -> [NodeAction] {
        if request == answer.request { return answer.reply.map { [.send($0)] } ?? [] }
        let alarm = switch kind {
        case .unmaskRequest: AggregationAlarm(.secondUnmask, "a second, different request to reveal shares")
        case .keyList, .shareDelivery, .survivors: AggregationAlarm(.equivocation, "two different messages of kind \(kind) in one round")
        default: AggregationAlarm(.replay, "two different messages of kind \(kind) in one round")
        }
        // What was revealed cannot be taken back and nothing else is held: the round may still be published.
        if phase.isRevealed { return [.alarm(alarm)] }
        throw alarm
    }

    /// Forgets everything.
    mutating func end(with alarm: AggregationAlarm? = nil) -> [NodeAction] {
        phase = .ended
        answered = [:]
        return (alarm.map { [.alarm($0)] } ?? []) + [.ended(inputReleased ? .afterInput : .withoutInput)]
    }

    func purpose(_ announcement: Announcement, _ use: String...) -> EntropyPurpose {
        EntropyPurpose(path: ["node \(identity.member)", "session \(announcement.session)", "round \(announcement.round)"] + use)
    }
}

extension NodeAction {
    /// The message to the coordinator, if that is what the action is.
    public var message: SignedMessage? {
        switch self {
        case .send(let message), .sendInput(let message, _): message
        default: nil
        }
    }
}
