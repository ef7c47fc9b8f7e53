import SecureAggregation
import SeededNoise
import Testing

@Suite("What the coordinator finds out about nodes")
struct CoordinatorDefenceTests {
    let setting: RoundSetting
    let members: [MemberID]
    init() throws {
        setting = try RoundSetting(nodes: 10)
        members = setting.members
    }

    @Test("Wrong shares do not spoil the sum, and where it is certain who sent them, they are named", arguments: [[0], [9], [2, 5], [0, 1, 2]])
    func liars(indices: [Int]) throws {
        let setting = try RoundSetting(nodes: 10, collusion: 2)
        var run = try RoundRun(setting)
        let recording = try Recording(setting)
        let liars = Set(indices.map { members[$0] })
        run.toCoordinator = { message in
            guard message.kind == .unmasking, liars.contains(message.sender) else { return [message] }
            var body = message.body
            for share in stride(from: 32, to: body.count, by: 32) { body[share + 3] ^= UInt8(truncatingIfNeeded: message.sender.rawValue) }
            return [try? recording.signed(.unmasking, by: message.sender, body: body)].compactMap { $0 }
        }
        try run.run()
        #expect(run.sum == setting.sum(of: members))
        // The last node's shares are not needed; three liars are more than are provided for, and then nothing is certain.
        #expect(Set(run.blamed) == (indices.count > 2 || indices == [9] ? [] : liars))
        #expect(run.disputes.allSatisfy { Set($0.holders).isSubset(of: liars) })
    }

    @Test("With too many wrong shares the round ends instead of giving a wrong sum")
    func tooManyLiars() throws {
        var run = try RoundRun(setting)
        let recording = try Recording(setting)
        let liars = Set(members.prefix(5))
        run.toCoordinator = { message in
            guard message.kind == .unmasking, liars.contains(message.sender) else { return [message] }
            return [try? recording.signed(.unmasking, by: message.sender, body: message.body.map { $0 ^ 1 }.enumerated().map { $0 < 32 ? message.body[$0] : $1 })].compactMap { $0 }
        }
        try run.run()
        #expect(run.sum == nil && run.end != .completed)
    }

    /// What a corrupt node would deal of a seed other than the one it has committed to: its sealed shares and the one it keeps.
    private func misdealt(by dealer: MemberID, _ recording: Recording) throws -> (bundle: SignedMessage, kept: [UInt8]) {
        let keyed = try recording.keyed()
        func own(_ use: String) -> SecretBytes {
            recording.setting.entropy.secret(byteCount: 32, for: EntropyPurpose(path: ["node \(dealer)", "session \(keyed.announcement.session)", "round 7", use]))
        }
        let encryption = try AgreementKey(own("encryption key"))
        func common(_ peer: MemberID) throws -> SecretBytes { try encryption.shared(with: try #require(keyed.advertisements[peer]).encryptionKey) }
        var (seeds, keys): ([UInt8: SecretBytes], [UInt8: SecretBytes]) = ([:], [:])
        for peer in keyed.graph.derivingNeighbours(of: dealer) {
            let derived = keyed.derivation.derivedShares(try common(peer), from: dealer, to: peer)
            let point = try #require(keyed.graph.point(of: peer, for: dealer))
            (seeds[point], keys[point]) = (derived.selfSeed, derived.maskKey)
        }
        let holders = keyed.graph.holders(of: dealer)
        let wrong = SecretSharing.shares(of: secret([UInt8](repeating: 99, count: 32)), given: seeds, holders: holders.count)
        let right = SecretSharing.shares(of: own("mask key"), given: keys, holders: holders.count)
        let sealed = try keyed.graph.sealedNeighbours(of: dealer).map { peer in
            let index = try #require(holders.firstIndex(of: peer))
            return try ShareCipher(keyed.derivation, shared: common(peer), from: dealer, to: peer)
                .seal(DealtShares(maskKey: right[index], selfSeed: wrong[index]), nonce: secret([UInt8](repeating: 1, count: 12)))
        }
        return (try recording.signed(.shares, by: dealer, body: ShareBundle(sealed: sealed).body), wrong[try #require(holders.firstIndex(of: dealer))].shown)
    }

    @Test("A dealer of another seed than it has committed to is named, and no wrong sum comes out")
    func wrongDealer() throws {
        let recording = try Recording(setting)
        let dealer = members[3]
        let (bundle, kept) = try misdealt(by: dealer, recording)
        var run = try RoundRun(setting)
        run.toCoordinator = { message in
            guard message.sender == dealer else { return [message] }
            if message.kind == .shares { return [bundle] }
            guard message.kind == .unmasking else { return [message] }
            var body = message.body
            body.replaceSubrange(32 + 3 * 32..<32 + 4 * 32, with: kept)
            return [try? recording.signed(.unmasking, by: dealer, body: body)].compactMap { $0 }
        }
        try run.run()
        #expect(run.sum == nil && run.blamed == [dealer])
    }

    @Test("A dealer whose shares do not fit each other cannot have honest holders blamed", arguments: [[], [0]])
    func framing(silent: [Int]) throws {
        let recording = try Recording(setting)
        let dealer = members[3]
        // Three holders get shares of another seed; the dealer's own share and those derived from keys are of the right one.
        let bundle = try misdealt(by: dealer, recording).bundle
        var run = try RoundRun(setting)
        run.toCoordinator = { $0.sender == dealer && $0.kind == .shares ? [bundle] : [$0] }
        for index in silent { run.silentFrom[members[index]] = .unmasking }
        try run.run()
        #expect(run.sum == (silent.isEmpty ? setting.sum(of: members) : nil))
        #expect(run.blamed.isEmpty)
    }

    @Test("Who contradicts more than c others is corrupt; a single contradiction proves nothing about either")
    func culprits() {
        /// Secrets of six owners held by seven, threshold 3, c = 2; `wrong` are the pairs (owner, holder) whose share is changed, all by the same.
        func culprits(_ wrong: [(Int, Int)]) -> Set<MemberID> {
            var reconstruction = Reconstruction(threshold: 3, collusion: 2)
            var all: [MemberID: [HeldShare]] = [:]
            for owner in 0..<6 {
                let value = secret([UInt8](repeating: UInt8(owner), count: 32))
                let dealt = SecretSharing.shares(of: value, given: [1: secret([UInt8](repeating: 77, count: 32)), 2: secret([UInt8](repeating: 88, count: 32))], holders: 7)
                let shares = dealt.enumerated().map { index, share in
                    let changed = wrong.contains { $0 == (owner, index) } ? secret(share.shown.map { $0 ^ 5 }) : share
                    return HeldShare(holder: MemberID(UInt32(100 + index)), point: UInt8(index + 1), value: changed)
                }
                all[MemberID(UInt32(owner))] = shares
                guard case .found(let found) = reconstruction.secret(of: MemberID(UInt32(owner)), from: shares, isPublished: { $0.shown == value.shown }), found.shown == value.shown else {
                    Issue.record("not found")
                    continue
                }
            }
            reconstruction.compare(all)
            return reconstruction.culprits
        }
        #expect(culprits([]).isEmpty)
        #expect(culprits([(0, 0)]).isEmpty)
        #expect(culprits([(0, 0), (1, 0)]).isEmpty)
        #expect(culprits([(0, 0), (1, 0), (4, 0)]) == [MemberID(100)])
        #expect(culprits([(0, 0), (0, 1), (0, 2)]) == [MemberID(0)])
        // Two holders whose errors cancel in the first set of three: the secret is right, and nobody honest is suspected.
        #expect(culprits((0..<6).flatMap { [($0, 0), ($0, 1)] }).isEmpty)
        #expect(culprits([(5, 4)] + (0..<6).flatMap { [($0, 0), ($0, 1)] }).isSubset(of: [MemberID(100), MemberID(101)]))
    }

    @Test("Messages in another's name, of strangers, with wrong signatures, in the wrong stage, or of the wrong length count for nothing")
    func refused() throws {
        let recording = try Recording(setting)
        var coordinator = try setting.coordinator()
        _ = coordinator.start()
        let adverts = recording.run.sent.filter { $0.kind == .advertisement }
        func refusal(_ message: SignedMessage, from member: MemberID? = nil) -> AggregationAlarm.Kind? {
            for action in coordinator.receive(message.encoded(), from: member ?? message.sender) { if case .refused(_, let alarm) = action { return alarm.kind } }
            return nil
        }
        #expect(refusal(adverts[0], from: members[1]) == .signature)
        var forged = adverts[0]
        forged.signature[3] ^= 1
        #expect(refusal(forged) == .signature)
        var stranger = adverts[0]
        stranger.sender = MemberID(4_000_000)
        #expect(refusal(stranger) == .invalidSet)
        #expect(refusal(try #require(recording.run.sent.first { $0.kind == .shares })) == .outOfTurn)
        #expect(refusal(adverts[0]) == nil)
        #expect(refusal(adverts[0]) == nil, "the same again changes nothing")
        let second = try recording.signed(.advertisement, by: adverts[0].sender, body: adverts[1].body, context: setting.announcement.openingContext)
        #expect(refusal(second) == .replay)
        let copied = try recording.signed(.advertisement, by: members[1], body: adverts[0].body, context: setting.announcement.openingContext)
        #expect(refusal(copied) == .duplicateKey)
        #expect(coordinator.awaited.count == 9)
    }

    @Test("A payload of another modulus, or another payload than the signed one, is not added")
    func wrongPayload() throws {
        var run = try RoundRun(setting)
        let cheat = members[4]
        run.corruptPayload = (cheat, { $0 + [0, 0] })
        try run.run()
        #expect(run.published?.survivors == members.filter { $0 != cheat })
        #expect(run.refusals.contains { $0.0 == cheat && $0.1.kind == .input })
        run = try RoundRun(setting)
        run.corruptPayload = (cheat, { $0.map { $0 ^ 1 } })
        try run.run()
        #expect(run.published?.survivors == members.filter { $0 != cheat })
    }
}
