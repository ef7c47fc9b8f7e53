import SecureAggregation
import Testing

@Suite("Attacks with the keys")
struct KeyAttackTests {
    let recording: Recording
    let members: [MemberID]
    let victim: MemberID
    init() throws {
        recording = try Recording(RoundSetting(nodes: 7))
        members = recording.setting.members
        victim = members[2]
    }

    private func answer(_ change: (inout [SignedMessage]) throws -> Void) throws -> [NodeAction] {
        var node = try recording.victim(victim, before: .keyList)
        var list = try KeyList(decoding: recording.message(.keyList, to: victim))
        try change(&list.advertisements)
        return recording.play(list.encoded(), to: &node)
    }
    private func advert(by member: MemberID, _ change: (inout KeyAdvertisement) throws -> Void) throws -> SignedMessage {
        let list = try KeyList(decoding: recording.message(.keyList, to: victim))
        var advertisement = try KeyAdvertisement(body: try #require(list.advertisements.first { $0.sender == member }).body)
        try change(&advertisement)
        return try recording.signed(.advertisement, by: member, body: advertisement.body, context: recording.setting.announcement.openingContext)
    }

    @Test("A coordinator in the middle, with keys of its own in place of a node's, is found by the signature", arguments: [0, 32, 64])
    func exchangedKeys(field: Int) throws {
        let own = try AgreementKey(secret([UInt8](repeating: 7, count: 32))).publicKey
        let actions = try answer { $0[4].body.replaceSubrange(field..<field + 32, with: own) }
        expectRefusal(actions, .signature, culprit: members[4])
        expectRefusal(try answer { $0[4].signature[10] ^= 1 }, .signature, culprit: members[4])
        expectRefusal(try answer { $0[4].signature = $0[5].signature }, .signature, culprit: members[4])
    }

    @Test("An advert of another session, round, model or configuration is refused")
    func replayedAdvert() throws {
        let changes: [(inout Announcement) -> Void] = [
            { $0.session = RoundSetting.hash("an old session") }, { $0.round = 6 }, { $0.modelDigest = RoundSetting.hash("an old model") },
            { $0.configuration.stageMilliseconds = 2000 }, { $0.cohort[0].users = 9 }, { $0.rosterEpoch = 3 },
        ]
        for change in changes {
            var other = recording.setting.announcement
            change(&other)
            let old = try recording.signed(
                .advertisement, by: members[4], body: try KeyList(decoding: recording.message(.keyList, to: victim)).advertisements[4].body, context: other.openingContext, announcement: other)
            expectRefusal(try answer { $0[4] = old }, .signature, culprit: members[4])
        }
    }

    @Test("The node's own entry missing or replaced by other keys of its own is refused")
    func ownEntry() throws {
        expectRefusal(try answer { $0.remove(at: 2) }, .ownEntry)
        let other = try advert(by: victim) { $0.maskKey = try AgreementKey(secret([UInt8](repeating: 8, count: 32))).publicKey }
        expectRefusal(try answer { $0[2] = other }, .ownEntry)
    }

    @Test("Keys or commitments that two nodes share are refused")
    func duplicateKeys() throws {
        let list = try KeyList(decoding: recording.message(.keyList, to: victim))
        let taken = try KeyAdvertisement(body: list.advertisements[2].body)
        let copies: [(inout KeyAdvertisement) -> Void] = [
            { $0.maskKey = taken.maskKey }, { $0.encryptionKey = taken.encryptionKey }, { $0.commitment = taken.commitment }, { $0.maskKey = taken.encryptionKey },
            { $0.maskKey = $0.encryptionKey },
        ]
        for copy in copies {
            let copied = try advert(by: members[4], copy)
            expectRefusal(try answer { $0[4] = copied }, .duplicateKey, culprit: members[4])
        }
    }

    @Test("A key of low order ends the round and names its sender", arguments: [0, 1])
    func lowOrder(last: Int) throws {
        var point = [UInt8](repeating: 0, count: 32)
        point[0] = UInt8(last)
        let encryption = try advert(by: members[4]) { $0.encryptionKey = point }
        expectRefusal(try answer { $0[4] = encryption }, .lowOrderKey, culprit: members[4])
        // The coordinator does not forward it in the first place.
        var coordinator = try recording.setting.coordinator()
        _ = coordinator.start()
        for weak in [encryption, try advert(by: members[4]) { $0.maskKey = point }] {
            guard case .refused(let member, let alarm) = try #require(coordinator.receive(weak.encoded(), from: members[4]).first) else {
                Issue.record("accepted")
                continue
            }
            #expect(member == members[4] && alarm.kind == .lowOrderKey)
        }
    }

    @Test("A mask key of low order stops the input from leaving")
    func lowOrderMask() throws {
        let point = [UInt8](repeating: 0, count: 32)
        let weak = try advert(by: members[4]) { $0.maskKey = point }
        var node = try recording.victim(victim, before: .keyList)
        var list = try KeyList(decoding: recording.message(.keyList, to: victim))
        list.advertisements[4] = weak
        let actions = recording.play(list.encoded(), to: &node)
        // The context differs, so that nothing recorded fits: either the key or the shares are refused, and nothing leaves.
        let later = recording.play(try recording.message(.shareDelivery, to: victim), to: &node)
        #expect((actions + later).alarms.count == 1 && !node.inputReleased)
    }

    @Test("Unknown, double and unordered nodes are refused, and so are too few")
    func sets() throws {
        expectRefusal(try answer { $0.swapAt(0, 1) }, .invalidSet)
        expectRefusal(try answer { $0[1] = $0[0] }, .invalidSet)
        expectRefusal(try answer { $0[6].sender = MemberID(4_000_000) }, .invalidSet, culprit: MemberID(4_000_000))
        expectRefusal(try answer { $0.removeLast(3) }, .tooFew)
        expectRefusal(try answer { $0[3].kind = .shares }, .signature)
    }
}
