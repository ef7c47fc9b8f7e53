import SecureAggregation
import Testing

@Suite("Attacks on the survivors and on unmasking")
struct UnmaskAttackTests {
    let recording: Recording
    let members: [MemberID]
    let survivors: [MemberID]
    let victim: MemberID
    init() throws {
        let setting = try RoundSetting(nodes: 7)
        members = setting.members
        recording = try Recording(setting, dropped: [members[3]])
        survivors = members.filter { $0 != setting.members[3] }
        victim = members[0]
        #expect(recording.run.published?.survivors == survivors)
    }

    private func listed(_ survivors: [MemberID]) throws -> [NodeAction] {
        var node = try recording.victim(victim, before: .survivors)
        return recording.play(SurvivorList(survivors: survivors).encoded(), to: &node)
    }
    private func requested(_ survivors: [MemberID], _ signatures: [ConsistencySignature]) throws -> [NodeAction] {
        var node = try recording.victim(victim, before: .unmaskRequest)
        return recording.play(UnmaskRequest(survivors: survivors, signatures: signatures).encoded(), to: &node)
    }

    @Test("Survivors that are double, unknown, dropped before, too few, or leave out the node itself are not signed")
    func survivorSets() throws {
        #expect(try listed(survivors).sent.count == 1)
        expectRefusal(try listed([survivors[0]] + survivors), .invalidSet)
        expectRefusal(try listed(survivors.reversed()), .invalidSet)
        expectRefusal(try listed(survivors + [MemberID(4_000_000)]), .invalidSet, culprit: MemberID(4_000_000))
        expectRefusal(try listed(Array(survivors.dropFirst())), .ownEntry)
        expectRefusal(try listed(Array(survivors.prefix(4))), .tooFew)
    }

    @Test("Two lists of survivors: the second is an alarm, and the node signs no more")
    func twoLists() throws {
        var node = try recording.victim(victim, before: .unmaskRequest)
        let repeated = recording.play(SurvivorList(survivors: survivors).encoded(), to: &node)
        #expect(repeated.alarms.isEmpty && repeated.sent.map(\.kind) == [.consistency], "the same list is answered the same")
        expectRefusal(recording.play(SurvivorList(survivors: Array(survivors.dropLast())).encoded(), to: &node), .equivocation)
        expectRefusal(Array(recording.play(try recording.message(.unmaskRequest, to: victim), to: &node)) + [.alarm(AggregationAlarm(.quorum, ""))], .quorum)
    }

    @Test("Equivocation: with c nodes signing everything, no split of the others gives two sets t signatures")
    func equivocation() throws {
        let configuration = recording.setting.configuration
        let (n, t, c) = (members.count, configuration.threshold, configuration.collusion)
        for firstHalf in 0...(n - c) { #expect(min(firstHalf + c, n - c - firstHalf + c) < t) }
        // The victim has signed U3; a request for another set, though t nodes have signed that one, moves it to nothing.
        let other = survivors.filter { $0 != members[6] }
        expectRefusal(try requested(other, signatures(other, by: other)), .equivocation)
    }

    private func signatures(_ survivors: [MemberID], by signers: [MemberID]) throws -> [ConsistencySignature] { try recording.signatures(on: survivors, by: signers) }

    @Test("Fewer than t signatures, double ones, ones of outsiders, forged or of another set, session or kind reveal nothing")
    func quorum() throws {
        let good = try signatures(survivors, by: survivors)
        #expect(try requested(survivors, Array(good.prefix(5))).sent.map(\.kind) == [.unmasking])
        expectRefusal(try requested(survivors, Array(good.prefix(4))), .quorum)
        expectRefusal(try requested(survivors, []), .quorum)
        expectRefusal(try requested(survivors, [good[0], good[0], good[1], good[2], good[3]]), .quorum)
        expectRefusal(try requested(survivors, Array(good.prefix(5).reversed())), .quorum)
        expectRefusal(try requested(survivors, Array(good.prefix(4)) + signatures(survivors, by: [members[3]])), .quorum)
        var forged = good
        forged[2].signature[5] ^= 1
        expectRefusal(try requested(survivors, forged), .quorum, culprit: survivors[2])
        let other = try signatures(Array(survivors.dropLast()), by: survivors)
        expectRefusal(try requested(survivors, other), .quorum)
        for change: (inout Announcement) -> Void in [{ $0.session = RoundSetting.hash("old") }, { $0.round = 6 }, { $0.rosterEpoch = 3 }] {
            var announcement = recording.setting.announcement
            change(&announcement)
            let old = try survivors.map { member in
                ConsistencySignature(member: member, signature: try recording.signed(.consistency, by: member, body: SurvivorList.digest(of: survivors).bytes, announcement: announcement).signature)
            }
            expectRefusal(try requested(survivors, old), .quorum)
        }
        let otherKeys = try survivors.map { member in
            ConsistencySignature(member: member, signature: try recording.signed(.consistency, by: member, body: SurvivorList.digest(of: survivors).bytes, context: [1, 2, 3]).signature)
        }
        expectRefusal(try requested(survivors, otherKeys), .quorum)
        let otherKind = try survivors.map { member in
            ConsistencySignature(member: member, signature: try recording.signed(.maskedInput, by: member, body: SurvivorList.digest(of: survivors).bytes).signature)
        }
        expectRefusal(try requested(survivors, otherKind), .quorum)
    }

    @Test("One id in both lists cannot even be said: a node reveals one share of each dealer, by U3 alone")
    func neverBoth() throws {
        var node = try recording.victim(victim, before: .unmaskRequest)
        let message = try #require(recording.play(try recording.message(.unmaskRequest, to: victim), to: &node).sent.first)
        let unmasking = try Unmasking(body: message.body, owners: members.count)
        #expect(unmasking.shares.count == members.count)
        #expect(message.body.count == 32 + 32 * members.count)
        // Any other request of this round is an alarm, and nothing is said.
        let narrower = survivors.filter { $0 != members[6] }
        let second = try recording.play(UnmaskRequest(survivors: narrower, signatures: signatures(narrower, by: narrower)).encoded(), to: &node)
        expectRefusal(second, .secondUnmask)
        // The same one again is answered with the same bytes: nothing new is revealed.
        #expect(try recording.play(recording.message(.unmaskRequest, to: victim), to: &node).sent == [message])
    }

    @Test("No share leaves before the decision is durable, and after a crash the round cannot be entered again")
    func durable() throws {
        var node = try recording.victim(victim, before: .unmaskRequest)
        let actions = recording.play(try recording.message(.unmaskRequest, to: victim), to: &node, durable: false)
        #expect(actions.sent.isEmpty && actions.count == 1)
        guard case .persistDecision(let decision) = try #require(actions.first) else {
            Issue.record("no decision")
            return
        }
        #expect(decision.survivorsDigest == SurvivorList.digest(of: survivors))
        #expect(recording.play(try recording.message(.unmaskRequest, to: victim), to: &node, durable: false).sent.isEmpty, "asked again before it is durable")
        var revived = try recording.setting.node(victim, lastRound: decision.round)
        expectRefusal(revived.handle(.message(recording.setting.announcement.encoded())), .replay)
    }

    @Test("A late input is discarded, and its self mask is not revealed")
    func lateInput() throws {
        // The dropped node's input comes after U3 is fixed.
        var run = try RoundRun(recording.setting)
        let late = members[3]
        run.toCoordinator = { $0.sender == late && $0.kind == .maskedInput ? [] : [$0] }
        try run.run()
        #expect(run.published?.survivors == survivors)
        let input = try #require(run.sent.first { $0.sender == late && $0.kind == .maskedInput })
        let payload = try #require(run.payloads[late])
        var coordinator = run.coordinator
        guard case .refused(_, let alarm) = try #require(coordinator.receive(input.encoded(), from: late, payload: (Hash256(of: payload), payload.count)).first) else {
            Issue.record("accepted")
            return
        }
        #expect(alarm.kind == .outOfTurn)
        // With all revealed shares the coordinator still lacks the late node's seed: what it can compute of that input is masked.
        #expect(run.sum == run.setting.sum(of: survivors))
        #expect(run.decisions.values.allSatisfy { $0.count == 1 })
    }
}
