import SecureAggregation

/// A whole round between machines, message by message, with places to interfere.
struct RoundRun {
    let setting: RoundSetting
    var coordinator: CoordinatorRound
    var nodes: [MemberID: NodeRound] = [:]
    /// Nodes that stop before they would send a message of this kind.
    var silentFrom: [MemberID: MessageKind] = [:]
    /// Changes or suppresses what goes to a node.
    var toNode: (MemberID, [UInt8]) -> [[UInt8]] = { [$1] }
    /// Changes or suppresses what comes from a node.
    var toCoordinator: (SignedMessage) -> [SignedMessage] = { [$0] }

    /// What becomes of a node's payload on its way.
    var corruptPayload: (MemberID, ([UInt8]) -> [UInt8])?

    // What happened.
    var payloads: [MemberID: [UInt8]] = [:]
    var sum: [Int64]?
    var published: AggregateSummary?
    var end: CoordinatorEnd?
    var alarms: [MemberID: [AggregationAlarm]] = [:]
    var refusals: [(MemberID, AggregationAlarm)] = []
    var disputes: [Dispute] = []
    var blamed: [MemberID] = []
    var ends: [MemberID: RoundEnd] = [:]
    var decisions: [MemberID: [UnmaskDecision]] = [:]
    /// Everything that was delivered to nodes, if that is recorded.
    var isRecording = false
    var delivered: [(MemberID, [UInt8])] = []
    /// Everything nodes sent.
    var sent: [SignedMessage] = []

    init(_ setting: RoundSetting) throws {
        self.setting = setting
        coordinator = try setting.coordinator()
        for member in setting.members { nodes[member] = try setting.node(member) }
    }

    /// Messages under way to nodes, in the order they were sent.
    var underway: [(MemberID, [UInt8])] = []

    /// Runs until nothing moves, letting deadlines pass when nobody has anything to say.
    mutating func run() throws {
        try perform(coordinator.start())
        var patience = 20
        while true {
            try settle()
            guard coordinator.stage != .ended, patience > 0 else { break }
            patience -= 1
            try perform(coordinator.deadlinePassed())
        }
    }

    mutating func settle() throws {
        var next = 0
        while next < underway.count {
            let (member, bytes) = underway[next]
            next += 1
            for message in toNode(member, bytes) {
                if isRecording { delivered.append((member, message)) }
                try handle(.message(message), by: member)
            }
        }
        underway = []
    }

    mutating func perform(_ actions: [CoordinatorAction]) throws {
        for action in actions {
            switch action {
            case .send(let member, let bytes): underway.append((member, bytes))
            case .entered: break
            case .refused(let member, let alarm): refusals.append((member, alarm))
            case .disputed(let found): disputes += found
            case .blamed(let members, _): blamed += members
            case .removeMasks(let removal):
                var vector = MaskedVector(dimension: removal.dimension, modulusBits: removal.modulusBits)
                for survivor in removal.survivors { try vector.add(payload: payloads[survivor] ?? []) }
                try vector.remove(removal)
                sum = vector.centred()
                try perform(coordinator.summed(Hash256(of: vector.payload())))
            case .published(let summary): published = summary
            case .ended(let end): self.end = end
            }
        }
    }

    mutating func handle(_ event: NodeEvent, by member: MemberID) throws {
        guard var node = nodes[member] else { return }
        let actions = node.handle(event)
        nodes[member] = node
        for action in actions {
            switch action {
            case .reserve: try handle(.reserved, by: member)
            case .provideInput: try handle(.input(setting.inputs[member] ?? []), by: member)
            case .persistDecision(let decision):
                decisions[member, default: []].append(decision)
                try handle(.decisionDurable, by: member)
            case .applyStep(let summary): try handle(.nextModel(Hash256(of: summary.sumDigest.bytes)), by: member)
            case .alarm(let alarm): alarms[member, default: []].append(alarm)
            case .ended(let end): ends[member] = end
            case .send(let message): try deliver(message)
            case .sendInput(let message, let payload):
                payloads[member] = payload
                try deliver(message)
            }
        }
    }

    private mutating func deliver(_ message: SignedMessage) throws {
        if let last = silentFrom[message.sender], last.rawValue <= message.kind.rawValue { return }
        if message.kind == .maskedInput, let (member, change) = corruptPayload, member == message.sender { payloads[member] = payloads[member].map(change) }
        sent.append(message)
        for message in toCoordinator(message) {
            let payload = message.kind == .maskedInput ? payloads[message.sender].map { (digest: Hash256(of: $0), byteCount: $0.count) } : nil
            try perform(coordinator.receive(message.encoded(), from: message.sender, payload: payload))
        }
    }
}
