import SecureAggregation
import Testing

@Suite("Attacks with the announcement")
struct AnnouncementAttackTests {
    let setting: RoundSetting
    let victim: MemberID
    init() throws {
        setting = try RoundSetting(nodes: 7)
        victim = setting.members[2]
    }

    private func answer(_ change: (inout Announcement) throws -> Void, lastRound: UInt64? = nil) throws -> [NodeAction] {
        var announcement = setting.announcement
        try change(&announcement)
        var node = try setting.node(victim, lastRound: lastRound)
        return node.handle(.message(announcement.encoded()))
    }

    @Test("The unchanged announcement is reserved before any key is made")
    func accepted() throws {
        let actions = try answer { _ in }
        #expect(actions.alarms.isEmpty && actions.sent.isEmpty)
        guard case .reserve(let reservation) = try #require(actions.first) else {
            Issue.record("no reservation")
            return
        }
        #expect(reservation.round == 7 && reservation.modelDigest == setting.announcement.modelDigest)
    }

    @Test("A round that was entered before, or an older one, is refused: also after a crash", arguments: [7, 8, UInt64.max])
    func replayedRound(lastRound: UInt64) throws { expectRefusal(try answer({ _ in }, lastRound: lastRound), .replay) }

    @Test("A coordinator's threshold, collusion, minimum and noise below the node's policy are refused; so are another clip, grid, modulus, length, plan, and other users")
    func policy() throws {
        let changes: [(inout Announcement) -> Void] = [
            { $0.configuration.threshold -= 1 }, { $0.configuration.collusion -= 1 }, { $0.configuration.minimumOrganisations = 2 }, { $0.configuration.noiseShare -= 1 },
            { $0.configuration.noiseShare = 0 }, { $0.configuration.clipOnGrid += 1 }, { $0.configuration.clip *= 2 }, { $0.configuration.clip = .nan },
            { $0.configuration.gridScale *= 2 }, { $0.configuration.modulusBits = 40 }, { $0.configuration.modulusBits = 31 }, { $0.configuration.dimension += 1 },
            { $0.configuration.dimension = 0 }, { $0.configuration.run = RoundSetting.hash("another plan") }, { $0.cohort[2].users += 1 }, { $0.configuration.stageMilliseconds = 0 },
            { $0.configuration.graph = .ring(reach: 1, windowSurvivors: 1, shareThreshold: 2) },
        ]
        for (index, change) in changes.enumerated() {
            let actions = try answer(change)
            #expect(actions.alarms == [.policy], "change \(index)")
            #expect(actions.sent.isEmpty)
        }
    }

    @Test("Unsound thresholds are refused by every node: two sets could gather enough signatures, or a sum could hold one honest node")
    func unsound() throws {
        for (threshold, collusion) in [(4, 1), (4, 2), (8, 2), (5, 4), (7, 6), (0, 0), (-1, 0)] {
            var configuration = setting.configuration
            configuration.threshold = threshold
            configuration.collusion = collusion
            #expect(throws: SecureAggregationError.self, "t = \(threshold), c = \(collusion)") { try configuration.validate(for: setting.announcement.cohort) }
        }
    }

    @Test("A sum that could overflow the modulus is refused at the announcement")
    func overflow() throws {
        // Σ users × D + 16 σ n must stay below 2³¹.
        let users = (UInt64(1) << 31) / 1000
        expectRefusal(try answer { $0.cohort[0].users = users }, .policy)
        expectRefusal(try answer { $0.cohort[0].users = .max }, .policy)
        expectRefusal(try answer { $0.configuration.noiseShare = .max / 8 }, .policy)
        var announcement = setting.announcement
        announcement.cohort[0].users = users - 7 * 10 - 12
        try setting.configuration.validate(for: announcement.cohort)
    }

    @Test("Another roster, a node that is not in it, a double or missing node: refused")
    func cohort() throws {
        expectRefusal(try answer { $0.rosterEpoch += 1 }, .roster)
        expectRefusal(try answer { $0.rosterDigest = RoundSetting.hash("another roster") }, .roster)
        expectRefusal(try answer { $0.cohort.append(CohortMember(id: MemberID(4_000_000), users: 1)) }, .roster, culprit: MemberID(4_000_000))
        expectRefusal(try answer { $0.cohort[1] = $0.cohort[0] }, .invalidSet)
        expectRefusal(try answer { $0.cohort.swapAt(0, 1) }, .invalidSet)
        expectRefusal(try answer { $0.cohort.remove(at: 2) }, .ownEntry)
        expectRefusal(try answer { $0.cohort = Array($0.cohort.prefix(4)) }, .policy)
    }

    @Test("A cohort of many nodes of few organisations is too small")
    func organisations() throws {
        let setting = try RoundSetting(nodes: 7, organisations: 2)
        var node = try setting.node(setting.members[0])
        expectRefusal(node.handle(.message(setting.announcement.encoded())), .tooFew)
        #expect(throws: SecureAggregationError.self) { try setting.coordinator() }
    }

    @Test("Another model to some nodes: no node finds all adverts signed for its own model, and nobody deals shares", arguments: 1...6)
    func differentModels(deceived: Int) throws {
        var other = setting.announcement
        other.modelDigest = RoundSetting.hash("a model made to single somebody out")
        var nodes: [NodeRound] = []
        var adverts: [SignedMessage] = []
        for (index, member) in setting.members.enumerated() {
            var node = try setting.node(member)
            _ = node.handle(.message((index < deceived ? other : setting.announcement).encoded()))
            adverts += node.handle(.reserved).sent
            nodes.append(node)
        }
        #expect(adverts.count == 7)
        let list = KeyList(advertisements: adverts).encoded()
        for var node in nodes { expectRefusal(node.handle(.message(list)), .signature) }
    }

    @Test("A node that was shown another model is left out by an honest coordinator, and its input with it")
    func deceivedNode() throws {
        var run = try RoundRun(setting)
        var other = setting.announcement
        other.modelDigest = RoundSetting.hash("another model")
        let (bytes, target) = (other.encoded(), victim)
        run.toNode = { member, message in message.first == MessageKind.announcement.rawValue && member == target ? [bytes] : [message] }
        try run.run()
        #expect(run.published?.survivors == setting.members.filter { $0 != victim })
        #expect(run.payloads[victim] == nil)
    }
}
