import SecureAggregation
import Testing

@Suite("Attacks with shares and inputs")
struct ShareAttackTests {
    let recording: Recording
    let members: [MemberID]
    /// The last node gets most ciphertexts; the first ones derive theirs.
    let victim: MemberID
    init() throws {
        recording = try Recording(RoundSetting(nodes: 7))
        members = recording.setting.members
        victim = members[6]
    }

    private func answer(_ change: (inout ShareDelivery) throws -> Void) throws -> [NodeAction] {
        var node = try recording.victim(victim, before: .shareDelivery)
        var delivery = try ShareDelivery(decoding: recording.message(.shareDelivery, to: victim))
        try change(&delivery)
        return recording.play(delivery.encoded(), to: &node)
    }

    @Test("A changed, exchanged or foreign ciphertext is refused, and the input does not leave")
    func ciphertexts() throws {
        let delivery = try ShareDelivery(decoding: recording.message(.shareDelivery, to: victim))
        #expect(delivery.sealed.count >= 2)
        for byte in [0, 11, 12, 40, 75, 76, 91] { expectRefusal(try answer { $0.sealed[0][byte] ^= 1 }, .share) }
        expectRefusal(try answer { $0.sealed.swapAt(0, 1) }, .share)
        expectRefusal(try answer { $0.sealed.removeLast() }, .share)
        expectRefusal(try answer { $0.sealed.append($0.sealed[0]) }, .share)
        let another = try ShareDelivery(decoding: recording.message(.shareDelivery, to: members[5]))
        expectRefusal(try answer { $0.sealed[0] = another.sealed[0] }, .share)
        let elsewhere = try Recording(RoundSetting(nodes: 7, seed: 2)).message(.shareDelivery, to: victim)
        expectRefusal(try answer { $0.sealed = try ShareDelivery(decoding: elsewhere).sealed }, .share)
    }

    @Test("Unknown, double, missing and too few dealers are refused")
    func dealers() throws {
        expectRefusal(try answer { $0.dealers.swapAt(0, 1) }, .invalidSet)
        expectRefusal(try answer { $0.dealers[1] = $0.dealers[0] }, .invalidSet)
        expectRefusal(try answer { $0.dealers.append(MemberID(4_000_000)) }, .invalidSet, culprit: MemberID(4_000_000))
        expectRefusal(try answer { $0.dealers.removeLast() }, .ownEntry)
        expectRefusal(try answer { $0.dealers.removeFirst(3) }, .tooFew)
    }

    @Test("A part that is too long, too short or too large never leaves the node")
    func inputs() throws {
        func given(_ values: [Int64]) throws -> [NodeAction] {
            var node = try recording.victim(victim, before: .shareDelivery)
            _ = node.handle(.message(try recording.message(.shareDelivery, to: victim)))
            #expect(node.stage == .maskedInput)
            let actions = node.handle(.input(values))
            if !actions.alarms.isEmpty { #expect(!node.inputReleased) }
            return actions
        }
        // 10 users × 1000 + 16 × 100.
        #expect(try given([11_600, -11_600, 0, 1, 2]).sent.count == 1)
        expectRefusal(try given([11_601, 0, 0, 0, 0]), .input)
        expectRefusal(try given([-11_601, 0, 0, 0, 0]), .input)
        expectRefusal(try given([.min, 0, 0, 0, 0]), .input)
        expectRefusal(try given([0, 0, 0, 0]), .input)
        expectRefusal(try given([0, 0, 0, 0, 0, 0]), .input)
    }

    @Test("The wire carries the masked words and nothing beside them: no counts, no metrics, exactly b/8 bytes each", arguments: [32, 40, 64])
    func nothingBeside(bits: Int) throws {
        var run = try RoundRun(RoundSetting(nodes: 5, dimension: 9, bits: bits))
        try run.run()
        #expect(run.payloads.values.allSatisfy { $0.count == 9 * bits / 8 })
        for message in run.sent where message.kind == .maskedInput { #expect(message.body == Hash256(of: run.payloads[message.sender] ?? []).bytes) }
    }

    @Test("All messages of a kind have one size: nothing about a node's users shows in it")
    func sizes() throws {
        for kind in [MessageKind.advertisement, .maskedInput, .consistency, .unmasking, .confirmation] {
            #expect(Set(recording.run.sent.filter { $0.kind == kind }.map { $0.encoded().count }).count == 1, "\(kind)")
        }
    }
}
