/// The coordinator's part in one round, as a pure state machine. It is never trusted by the nodes, and holds no payload: the shell
/// stores the masked inputs, and adds them up when the masks are known.
public struct CoordinatorRound: Sendable {
    public let announcement: Announcement
    let roster: Roster
    public internal(set) var stage: AggregationStage = .announce

    // What came, stage by stage. A message counts when it is signed, in time and from a node of the set before.
    var advertisements: [MemberID: SignedMessage] = [:]
    var keyed: KeyedRound?
    var bundles: [MemberID: SignedMessage] = [:]
    /// U2, ascending.
    var dealers: [MemberID] = []
    var inputs: [MemberID: SignedMessage] = [:]
    /// U3, ascending; fixed when the inputs' stage closes.
    public internal(set) var survivors: [MemberID] = []
    var signatures: [MemberID: SignedMessage] = [:]
    var request: UnmaskRequest?
    var unmaskings: [MemberID: SignedMessage] = [:]
    var revealed: [MemberID: Unmasking] = [:]
    var result: AggregateResult?
    var confirmations: [MemberID: SignedMessage] = [:]
    /// Nodes that have said that nothing more comes from them.
    private var gone: Set<MemberID> = []

    /// - Parameter roster: the one that the announcement names.
    /// - Throws: ``SecureAggregationError`` `.invalidParameter` when the announcement is unsound or stands on another roster.
    public init(_ announcement: Announcement, roster: Roster) throws {
        guard announcement.rosterEpoch == roster.epoch, announcement.rosterDigest == roster.digest else {
            throw SecureAggregationError(.invalidParameter, "the announcement stands on another roster")
        }
        guard announcement.members.isStrictlyAscending, announcement.members.allSatisfy({ roster[$0] != nil }) else {
            throw SecureAggregationError(.invalidParameter, "the cohort must name nodes of the roster once each, in ascending order")
        }
        try announcement.configuration.validate(for: announcement.cohort)
        guard roster.organisations(of: announcement.members) >= announcement.configuration.minimumOrganisations else {
            throw SecureAggregationError(.invalidParameter, "the cohort has too few organisations")
        }
        self.announcement = announcement
        self.roster = roster
    }

    var configuration: AggregationConfiguration { announcement.configuration }
    public var expectedPayloadByteCount: Int { configuration.dimension * configuration.modulusBits / 8 }

    /// Nodes whose message may still come in this stage.
    public var awaited: [MemberID] { expected.filter { !gone.contains($0) } }

    private var expected: [MemberID] {
        switch stage {
        case .keys: announcement.members.filter { advertisements[$0] == nil }
        case .shares: keyed?.graph.members.filter { bundles[$0] == nil } ?? []
        case .maskedInput: dealers.filter { inputs[$0] == nil }
        case .consistency: survivors.filter { signatures[$0] == nil }
        case .unmask: survivors.filter { unmaskings[$0] == nil }
        case .confirm: result == nil ? [] : survivors.filter { confirmations[$0] == nil }
        case .announce, .ended: []
        }
    }

    /// Sends the announcement.
    public mutating func start() -> [CoordinatorAction] {
        guard stage == .announce else { return [] }
        stage = .keys
        let bytes = announcement.encoded()
        return [.entered(.keys)] + announcement.members.map { .send($0, bytes) }
    }

    /// Takes a node's message.
    /// - Parameters:
    ///   - member: whom the connection belongs to.
    ///   - payload: with a masked input, the SHA-256 and size of the payload that the shell has stored under it.
    public mutating func receive(_ bytes: [UInt8], from member: MemberID, payload: (digest: Hash256, byteCount: Int)? = nil) -> [CoordinatorAction] {
        do {
            let message = try SignedMessage(decoding: bytes)
            guard message.sender == member else { throw AggregationAlarm(.signature, "a message in another node's name", member: member) }
            return try accept(message, payload: payload)
        } catch let alarm as AggregationAlarm {
            return [.refused(member, alarm)]
        } catch {
            return [.refused(member, AggregationAlarm(.malformed, "\(error)", member: member))]
        }
    }

    /// The deadline of the stage has passed: goes on with those who answered, or gives up.
    public mutating func deadlinePassed() -> [CoordinatorAction] { advance(final: true) }

    /// The node says that nothing more will come from it in this round: nobody waits for it.
    public mutating func left(_ member: MemberID) -> [CoordinatorAction] {
        guard gone.insert(member).inserted else { return [] }
        return advance(final: false)
    }

    /// Gives up, for a reason of the shell's own (a lost payload, a stop of the program).
    public mutating func abandon(_ why: String) -> [CoordinatorAction] { stage == .ended ? [] : abandon(AggregationAlarm(.input, why)) }

    mutating func abandon(_ alarm: AggregationAlarm) -> [CoordinatorAction] {
        stage = .ended
        forget()
        return [.ended(.abandoned(alarm))]
    }
    mutating func forget() {
        revealed = [:]
        unmaskings = [:]
        bundles = [:]
    }

    /// The message of a stage is counted once.
    private mutating func accept(_ message: SignedMessage, payload: (digest: Hash256, byteCount: Int)?) throws -> [CoordinatorAction] {
        let member = message.sender
        if let earlier = counted(message.kind)[member] {
            if earlier.body == message.body { return [] }
            throw AggregationAlarm(.replay, "a second, different message of kind \(message.kind)", member: member)
        }
        // Enough have signed or revealed without this one: nothing is wrong, and nothing more is needed.
        if let due = message.kind.stage, due >= .consistency, due < stage, survivors.contains(member) { return [] }
        guard message.kind.stage == stage else {
            throw AggregationAlarm(.outOfTurn, "a message of kind \(message.kind) came at stage \(stage)", member: member)
        }
        guard awaited.contains(member), let key = roster[member]?.key else { throw AggregationAlarm(.invalidSet, "a node that is not in this stage", member: member) }
        let scope = keyed?.scope ?? SignatureScope(announcement, context: announcement.openingContext)
        guard scope.verifies(message, with: key) else {
            throw AggregationAlarm(.signature, "a message of kind \(message.kind) is not signed for this session, model, configuration and set of keys", member: member)
        }
        switch message.kind {
        case .advertisement: try acceptKeys(message)
        case .shares: try acceptShares(message)
        case .maskedInput: try acceptInput(message, payload: payload)
        case .consistency: try acceptSignature(message)
        case .unmasking: try acceptUnmasking(message)
        case .confirmation: try acceptConfirmation(message)
        default: throw AggregationAlarm(.malformed, "nodes send no messages of kind \(message.kind)", member: member)
        }
        return advance(final: false)
    }

    private func counted(_ kind: MessageKind) -> [MemberID: SignedMessage] {
        switch kind {
        case .advertisement: advertisements
        case .shares: bundles
        case .maskedInput: inputs
        case .consistency: signatures
        case .unmasking: unmaskings
        case .confirmation: confirmations
        default: [:]
        }
    }

    /// Closes the stage if everybody has answered, or if nobody is waited for any more.
    private mutating func advance(final: Bool) -> [CoordinatorAction] {
        do {
            switch stage {
            case .announce, .ended: return []
            case .keys: return final || awaited.isEmpty ? try closeKeys() : []
            case .shares: return final || awaited.isEmpty ? try closeShares() : []
            case .maskedInput: return final || awaited.isEmpty ? try closeInputs() : []
            case .consistency: return signatures.count >= configuration.threshold ? closeConsistency() : try giveUp(if: final, "signed the survivors", signatures.count)
            case .unmask: return try reconstruct(final: final || awaited.isEmpty)
            case .confirm: return final || (result != nil && awaited.isEmpty) ? closeConfirmations() : []
            }
        } catch let alarm as AggregationAlarm {
            return abandon(alarm)
        } catch {
            return abandon(AggregationAlarm(.policy, "\(error)"))
        }
    }

    private func giveUp(if final: Bool, _ what: String, _ count: Int) throws -> [CoordinatorAction] {
        if final { throw AggregationAlarm(.tooFew, "\(count) nodes have \(what); the threshold is \(configuration.threshold)") }
        return []
    }

    /// Whether a set is large enough to go on with.
    func checkSize(_ members: [MemberID], _ what: String) throws {
        guard members.count >= configuration.threshold, roster.organisations(of: members) >= configuration.minimumOrganisations else {
            throw AggregationAlarm(.tooFew, "\(members.count) nodes of \(roster.organisations(of: members)) organisations have \(what); \(configuration.threshold) of \(configuration.minimumOrganisations) are needed")
        }
    }
}

extension MessageKind {
    /// The stage in which nodes send it.
    var stage: AggregationStage? {
        switch self {
        case .advertisement: .keys
        case .shares: .shares
        case .maskedInput: .maskedInput
        case .consistency: .consistency
        case .unmasking: .unmask
        case .confirmation: .confirm
        default: nil
        }
    }
}
