import SecureAggregation
import SeededRandom
import Testing

/// Random schedules of one round: messages in any order between nodes, twice, late or never; nodes that stop or restart; deadlines at any
/// time; and, if the coordinator is hostile, lists and requests of its own making with all signatures it can get.
@Suite("Random schedules")
struct ScheduleExplorerTests {
    struct Exploration {
        let setting: RoundSetting
        var stream: RandomStream
        var coordinator: CoordinatorRound
        var nodes: [MemberID: NodeRound] = [:]
        /// Round numbers that are on the nodes' disks.
        var reserved: [MemberID: UInt64] = [:]
        var mailboxes: [MemberID: [[UInt8]]] = [:]
        var history: [MemberID: [[UInt8]]] = [:]
        var arriving: [SignedMessage] = []
        var sent: [SignedMessage] = []
        var payloads: [MemberID: [UInt8]] = [:]
        var stopped: Set<MemberID> = []
        var sum: [Int64]?
        var decisions: [MemberID: Set<Hash256>] = [:]
        let hostile: Bool

        init(_ setting: RoundSetting, seed: UInt64, hostile: Bool) throws {
            self.setting = setting
            self.hostile = hostile
            stream = RandomStream(seed: seed, "schedule")
            coordinator = try setting.coordinator()
            for member in setting.members { nodes[member] = try setting.node(member) }
        }

        mutating func chance(_ one: UInt64, in all: UInt64) -> Bool { stream.next() % all < one }
        mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.isEmpty ? nil : elements[Int(stream.next() % UInt64(elements.count))] }

        mutating func run() throws {
            try perform(coordinator.start())
            for _ in 0..<600 {
                let busy = setting.members.filter { !(mailboxes[$0] ?? []).isEmpty && !stopped.contains($0) }
                switch stream.next() % 20 {
                case 0 where chance(1, in: 4): if let member = pick(setting.members) { stopped.insert(member) }
                case 1 where chance(1, in: 6): if let member = pick(setting.members) { nodes[member] = try setting.node(member, lastRound: reserved[member]) }
                case 2 where chance(1, in: 8): try perform(coordinator.deadlinePassed())
                case 3: if let member = pick(setting.members), let old = pick(history[member] ?? []) { try handle(.message(old), by: member) }
                case 4: if let message = pick(sent) { try arrive(message) }
                case 5 where hostile: try attack()
                case 6...12: if !arriving.isEmpty { try arrive(arriving.remove(at: Int(stream.next() % UInt64(arriving.count)))) }
                default:
                    if let member = pick(busy), let next = mailboxes[member]?.removeFirst() {
                        history[member, default: []].append(next)
                        try handle(.message(next), by: member)
                    } else if arriving.isEmpty {
                        try perform(coordinator.deadlinePassed())
                    }
                }
            }
        }

        /// What a coordinator makes up from what it has: other survivors, with the signatures of whoever has signed them.
        mutating func attack() throws {
            guard let member = pick(setting.members) else { return }
            let subset = setting.members.filter { _ in chance(4, in: 5) }
            let digest = SurvivorList.digest(of: subset).bytes
            let signatures = sent.filter { $0.kind == .consistency && $0.body == digest }.map { ConsistencySignature(member: $0.sender, signature: $0.signature) }
            let known = Set(signatures.map(\.member))
            let distinct = setting.members.compactMap { id in known.contains(id) ? signatures.first { $0.member == id } : nil }
            let message = chance(1, in: 2) ? SurvivorList(survivors: subset).encoded() : UnmaskRequest(survivors: subset, signatures: distinct).encoded()
            try handle(.message(message), by: member)
        }

        mutating func arrive(_ message: SignedMessage) throws {
            let payload = message.kind == .maskedInput ? payloads[message.sender].map { (digest: Hash256(of: $0), byteCount: $0.count) } : nil
            try perform(coordinator.receive(message.encoded(), from: message.sender, payload: payload))
        }

        mutating func perform(_ actions: [CoordinatorAction]) throws {
            for action in actions {
                switch action {
                case .send(let member, let bytes): mailboxes[member, default: []].append(bytes)
                case .removeMasks(let removal):
                    var vector = MaskedVector(dimension: removal.dimension, modulusBits: removal.modulusBits)
                    for survivor in removal.survivors { try vector.add(payload: payloads[survivor] ?? []) }
                    try vector.remove(removal)
                    sum = vector.centred()
                    try perform(coordinator.summed(Hash256(of: vector.payload())))
                default: break
                }
            }
        }

        mutating func handle(_ event: NodeEvent, by member: MemberID) throws {
            guard !stopped.contains(member), var node = nodes[member] else { return }
            let actions = node.handle(event)
            nodes[member] = node
            for action in actions {
                switch action {
                case .reserve(let reservation):
                    #expect(reserved[member].map { $0 < reservation.round } ?? true, "a round was entered twice")
                    reserved[member] = reservation.round
                    try handle(.reserved, by: member)
                case .provideInput: try handle(.input(setting.inputs[member] ?? []), by: member)
                case .persistDecision(let decision):
                    decisions[member, default: []].insert(decision.survivorsDigest)
                    try handle(.decisionDurable, by: member)
                case .applyStep(let summary): try handle(.nextModel(summary.sumDigest), by: member)
                case .send(let message):
                    sent.append(message)
                    arriving.append(message)
                case .sendInput(let message, let payload):
                    payloads[member] = payload
                    sent.append(message)
                    arriving.append(message)
                case .alarm, .ended: break
                }
            }
        }

        /// The invariants of safety.
        func check() throws {
            if let sum { #expect(sum == setting.sum(of: coordinator.survivors)) }
            let revealing = sent.filter { $0.kind == .unmasking }
            let sets = Set(try revealing.map { try Unmasking(body: $0.body, owners: ($0.body.count - 32) / 32).survivorsDigest })
            #expect(sets.count <= 1, "shares were revealed for two sets of survivors: some node's both secrets may be known")
            #expect(decisions.values.allSatisfy { $0.count <= 1 }, "a node has decided twice")
            for (member, messages) in Dictionary(grouping: revealing, by: \.sender) {
                #expect(Set(messages.map(\.body)).count == 1, "node \(member) has revealed two sets of shares")
            }
            for digest in sets {
                let signers = Set(sent.filter { $0.kind == .consistency && $0.body == digest.bytes }.map(\.sender))
                #expect(signers.count >= setting.configuration.threshold, "only \(signers.count) nodes have signed these survivors")
            }
        }
    }

    @Test("Whatever the schedule: one set of survivors at most, signed by t nodes; the exact sum or none", arguments: [false, true], 0..<4)
    func explore(hostile: Bool, block: UInt64) throws {
        let setting = try RoundSetting(nodes: 5, dimension: 2)
        var sums = 0
        for seed in block * 15..<(block + 1) * 15 {
            var exploration = try Exploration(setting, seed: seed, hostile: hostile)
            try exploration.run()
            try exploration.check()
            if exploration.sum != nil { sums += 1 }
        }
        // The schedules are not so cruel that nothing is ever tested.
        #expect(hostile || sums > 0, "\(sums)")
    }
}
