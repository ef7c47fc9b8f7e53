import SecureAggregation
import Testing

/// An honest round that can be played again to any node up to any message: keys come from a seed, so that a second node in the same
/// place is in the same state. Attacks begin from there.
struct Recording {
    let setting: RoundSetting
    /// What each node was sent.
    private(set) var messages: [MemberID: [MessageKind: [UInt8]]] = [:]
    let run: RoundRun

    /// - Parameter dropped: nodes that deal shares and are silent then.
    init(_ setting: RoundSetting, dropped: [MemberID] = []) throws {
        self.setting = setting
        var run = try RoundRun(setting)
        for member in dropped { run.silentFrom[member] = .maskedInput }
        run.isRecording = true
        try run.run()
        self.run = run
        for (member, bytes) in run.delivered {
            if let tag = bytes.first, let kind = MessageKind(rawValue: tag) { messages[member, default: [:]][kind] = bytes }
        }
    }

    func message(_ kind: MessageKind, to member: MemberID) throws -> [UInt8] { try #require(messages[member]?[kind]) }
    func keyed() throws -> KeyedRound {
        let list = try KeyList(decoding: message(.keyList, to: setting.members[0]))
        return try KeyedRound(setting.announcement, list: list, roster: setting.roster)
    }

    static let order: [MessageKind] = [.announcement, .keyList, .shareDelivery, .survivors, .unmaskRequest, .result, .confirmations]

    /// A node that has answered everything before a message of this kind.
    func victim(_ member: MemberID, before kind: MessageKind, policy: NodePolicy? = nil, lastRound: UInt64? = nil) throws -> NodeRound {
        var node = try setting.node(member, policy: policy, lastRound: lastRound)
        for earlier in Self.order.prefix(while: { $0 != kind }) { _ = play(try message(earlier, to: member), to: &node) }
        return node
    }

    /// Gives a message to a node, whose own shell answers at once; returns all actions.
    @discardableResult
    func play(_ bytes: [UInt8], to node: inout NodeRound, durable: Bool = true) -> [NodeAction] {
        var actions: [NodeAction] = []
        var events: [NodeEvent] = [.message(bytes)]
        while !events.isEmpty {
            for action in node.handle(events.removeFirst()) {
                actions.append(action)
                switch action {
                case .reserve: events.append(.reserved)
                case .provideInput: events.append(.input(setting.inputs[node.member] ?? []))
                case .persistDecision: if durable { events.append(.decisionDurable) }
                case .applyStep(let summary): events.append(.nextModel(Hash256(of: summary.sumDigest.bytes)))
                default: break
                }
            }
        }
        return actions
    }

    /// A message that a node really signs, whatever is in it: what a corrupt node can do.
    func signed(_ kind: MessageKind, by member: MemberID, body: [UInt8], context: [UInt8]? = nil, announcement: Announcement? = nil) throws -> SignedMessage {
        let announcement = announcement ?? setting.announcement
        return try SignatureScope(announcement, context: context ?? keyed().context).signed(kind, body: body, by: try #require(setting.identities[member]))
    }
    /// Signatures of some nodes on any survivors.
    func signatures(on survivors: [MemberID], by members: [MemberID]) throws -> [ConsistencySignature] {
        try members.map { ConsistencySignature(member: $0, signature: try signed(.consistency, by: $0, body: SurvivorList.digest(of: survivors).bytes).signature) }
    }
}

extension [NodeAction] {
    var alarms: [AggregationAlarm.Kind] {
        compactMap { if case .alarm(let alarm) = $0 { alarm.kind } else { nil } }
    }
    var culprits: [MemberID] {
        compactMap { if case .alarm(let alarm) = $0 { alarm.member } else { nil } }
    }
    var sent: [SignedMessage] { compactMap(\.message) }
}

/// The node refused with this alarm and has said nothing.
func expectRefusal(_ actions: [NodeAction], _ kind: AggregationAlarm.Kind, culprit: MemberID? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(actions.alarms == [kind], sourceLocation: sourceLocation)
    #expect(actions.sent.isEmpty, "something was sent", sourceLocation: sourceLocation)
    if let culprit { #expect(actions.culprits == [culprit], sourceLocation: sourceLocation) }
}
