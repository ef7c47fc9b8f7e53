import SecureAggregation
import Testing

@Suite("Attacks on the result")
struct TranscriptTests {
    let recording: Recording
    let victim: MemberID
    init() throws {
        recording = try Recording(RoundSetting(nodes: 7))
        victim = recording.setting.members[2]
    }

    private func published(_ change: (inout AggregateResult) -> Void) throws -> [NodeAction] {
        var node = try recording.victim(victim, before: .result)
        var result = try AggregateResult(decoding: recording.message(.result, to: victim))
        change(&result)
        return recording.play(result.encoded(), to: &node)
    }

    @Test("A result over other nodes, or with another input of the node, is refused")
    func results() throws {
        #expect(try published { _ in }.sent.map(\.kind) == [.confirmation])
        expectRefusal(try published { $0.survivors.removeLast() }, .transcript)
        expectRefusal(try published { $0.payloadDigests[2] = RoundSetting.hash("another input") }, .transcript)
        expectRefusal(try published { $0.payloadDigests.removeLast() }, .transcript)
    }

    @Test("Another sum, or other inputs, to some nodes: the confirmations tell", arguments: [0, 1])
    func differentSums(field: Int) throws {
        var run = try RoundRun(recording.setting)
        let deceived = run.setting.members[5]
        run.toNode = { member, bytes in
            guard member == deceived, bytes.first == MessageKind.result.rawValue, var result = try? AggregateResult(decoding: bytes) else { return [bytes] }
            if field == 0 { result.sumDigest = RoundSetting.hash("another sum") } else { result.payloadDigests[0] = RoundSetting.hash("another input") }
            return [result.encoded()]
        }
        try run.run()
        #expect(run.alarms.values.allSatisfy { $0.map(\.kind) == [.transcript] } && run.alarms.count == 7)
        #expect(!run.ends.values.contains(.completed))
    }

    @Test("A node that computed another model from the same sum is named")
    func differentModels() throws {
        let liar = recording.setting.members[4]
        var node = try recording.victim(victim, before: .confirmations)
        var list = try ConfirmationList(decoding: recording.message(.confirmations, to: victim))
        var confirmation = try Confirmation(body: list.confirmations[4].body)
        confirmation.nextModel = RoundSetting.hash("another model")
        list.confirmations[4] = try recording.signed(.confirmation, by: liar, body: confirmation.body)
        expectRefusal(recording.play(list.encoded(), to: &node), .modelDiffers, culprit: liar)
    }

    @Test("Too few, double, foreign and forged confirmations complete nothing")
    func confirmations() throws {
        func answer(_ change: (inout [SignedMessage]) throws -> Void) throws -> [NodeAction] {
            var node = try recording.victim(victim, before: .confirmations)
            var list = try ConfirmationList(decoding: recording.message(.confirmations, to: victim))
            try change(&list.confirmations)
            return recording.play(list.encoded(), to: &node)
        }
        #expect(try answer { _ in }.alarms.isEmpty)
        expectRefusal(try answer { $0.removeLast(3) }, .quorum)
        expectRefusal(try answer { $0[1] = $0[0] }, .invalidSet)
        expectRefusal(try answer { $0[1].signature[0] ^= 1 }, .signature)
        expectRefusal(try answer { $0[1].sender = MemberID(11) }, .signature)
    }

    @Test("The transcript depends on every part of the round")
    func binding() throws {
        let result = try AggregateResult(decoding: recording.message(.result, to: victim))
        let context = try recording.keyed().context
        var transcripts = [result.transcript(in: context), result.transcript(in: context + [0])]
        for change: (inout AggregateResult) -> Void in [{ $0.survivors.removeLast() }, { $0.payloadDigests.swapAt(0, 1) }, { $0.sumDigest = RoundSetting.hash("x") }] {
            var changed = result
            change(&changed)
            transcripts.append(changed.transcript(in: context))
        }
        #expect(Set(transcripts).count == transcripts.count)
    }

    @Test("The context, and with it every key, depends on session, round, model, configuration, roster and every advert")
    func context() throws {
        let announcement = recording.setting.announcement
        var contexts = [announcement.openingContext]
        let changes: [(inout Announcement) -> Void] = [
            { $0.session = RoundSetting.hash("x") }, { $0.round += 1 }, { $0.modelDigest = RoundSetting.hash("x") }, { $0.rosterEpoch += 1 },
            { $0.rosterDigest = RoundSetting.hash("x") }, { $0.cohort.removeLast() }, { $0.cohort[0].users += 1 }, { $0.configuration.run = RoundSetting.hash("x") },
            { $0.configuration.dimension += 1 }, { $0.configuration.modulusBits = 40 }, { $0.configuration.clipOnGrid += 1 }, { $0.configuration.gridScale *= 2 },
            { $0.configuration.clip *= 2 }, { $0.configuration.noiseShare += 1 }, { $0.configuration.threshold += 1 }, { $0.configuration.collusion += 1 },
            { $0.configuration.minimumOrganisations += 1 }, { $0.configuration.stageMilliseconds += 1 },
            { $0.configuration.graph = .ring(reach: 2, windowSurvivors: 1, shareThreshold: 2) },
        ]
        for change in changes {
            var changed = announcement
            change(&changed)
            contexts.append(changed.openingContext)
        }
        #expect(Set(contexts).count == contexts.count)
        let keys = contexts.map { KeyDerivation(context: $0).selfMaskKey(secret([UInt8](repeating: 1, count: 32)), of: victim).shown }
        #expect(Set(keys).count == keys.count)
        let six = try KeyedRound(announcement, list: KeyList(advertisements: Array(KeyList(decoding: recording.message(.keyList, to: victim)).advertisements.dropLast())), roster: recording.setting.roster)
        #expect(try six.context != recording.keyed().context)
    }
}
