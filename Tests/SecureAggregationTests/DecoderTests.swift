import SecureAggregation
import SeededRandom
import Testing

@Suite("Bytes from outside")
struct DecoderTests {
    let recording: Recording
    init() throws { recording = try Recording(RoundSetting(nodes: 5)) }

    /// All decoders on the same bytes; none may trap.
    private func decodeAll(_ bytes: [UInt8]) {
        _ = try? Announcement(decoding: bytes)
        _ = try? KeyList(decoding: bytes)
        _ = try? ShareDelivery(decoding: bytes)
        _ = try? SurvivorList(decoding: bytes)
        _ = try? UnmaskRequest(decoding: bytes)
        _ = try? AggregateResult(decoding: bytes)
        _ = try? ConfirmationList(decoding: bytes)
        _ = try? SignedMessage(decoding: bytes)
        _ = try? Roster(decoding: bytes)
        _ = try? KeyAdvertisement(body: bytes)
        _ = try? Confirmation(body: bytes)
        _ = try? ShareBundle(body: bytes, neighbours: 3)
        _ = try? Unmasking(body: bytes, owners: 3)
    }

    @Test("Random bytes are errors, in every decoder")
    func random() {
        var stream = RandomStream(seed: 9, "bytes")
        for round in 0..<5_000 {
            var bytes = (0..<Int(stream.next() % 300)).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
            if !bytes.isEmpty, round % 2 == 0 { bytes[0] = UInt8(stream.next() % 0x18) }
            decodeAll(bytes)
        }
    }

    @Test("Huge counts in short messages cost nothing")
    func hugeCounts() {
        for kind in MessageKind.allCases {
            decodeAll([kind.rawValue] + [UInt8](repeating: 0xff, count: 64))
            #expect(throws: SecureAggregationError.self) { try KeyList(decoding: [kind.rawValue, 0xff, 0xff, 0xff, 0xff]) }
            #expect(throws: SecureAggregationError.self) { try SurvivorList(decoding: [kind.rawValue, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]) }
        }
    }

    @Test("Real messages that are cut, lengthened or changed in any byte: the node refuses and never reveals more than once")
    func mutated() throws {
        var stream = RandomStream(seed: 10, "mutations")
        let victim = recording.setting.members[4]
        for kind in Recording.order {
            let original = try recording.message(kind, to: victim)
            let ready = try recording.victim(victim, before: kind)
            for trial in 0..<45 {
                var bytes = original
                switch trial % 3 {
                case 0: bytes = Array(bytes.prefix(Int(stream.next() % UInt64(bytes.count))))
                case 1: bytes.append(UInt8(truncatingIfNeeded: stream.next()))
                default: bytes[Int(stream.next() % UInt64(bytes.count))] ^= UInt8(1 << (stream.next() % 8))
                }
                decodeAll(bytes)
                var node = ready
                let actions = recording.play(bytes, to: &node)
                // A changed announcement can be a sound one of another session or model, and a changed result one of another sum.
                if kind == .announcement || kind == .result { continue }
                #expect(!actions.alarms.isEmpty && actions.sent.isEmpty, "\(kind), trial \(trial)")
            }
        }
    }

    @Test("Messages for a later stage, of no kind, or empty, end the round without a word")
    func outOfTurn() throws {
        let victim = recording.setting.members[1]
        for (index, kind) in Recording.order.enumerated() {
            for other in Recording.order.dropFirst(index + 1) {
                var node = try recording.victim(victim, before: kind)
                let actions = recording.play(try recording.message(other, to: victim), to: &node)
                #expect(actions.alarms == [.outOfTurn] && actions.sent.isEmpty)
                #expect(recording.play(try recording.message(kind, to: victim), to: &node).isEmpty, "the round is over")
            }
            for bytes in [[], [0x99], [MessageKind.unmasking.rawValue]] as [[UInt8]] {
                var node = try recording.victim(victim, before: kind)
                #expect(recording.play(bytes, to: &node).sent.isEmpty)
            }
        }
    }

    @Test("What is encoded is decoded the same")
    func roundTrip() throws {
        let announcement = recording.setting.announcement
        #expect(try Announcement(decoding: announcement.encoded()) == announcement)
        #expect(try Roster(decoding: recording.setting.roster.encoded()) == recording.setting.roster)
        var ring = announcement
        ring.configuration.graph = .ring(reach: 11, windowSurvivors: 6, shareThreshold: 9)
        #expect(try Announcement(decoding: ring.encoded()) == ring)
        let victim = recording.setting.members[0]
        for kind in Recording.order {
            let bytes = try recording.message(kind, to: victim)
            let again: [UInt8] = switch kind {
            case .announcement: try Announcement(decoding: bytes).encoded()
            case .keyList: try KeyList(decoding: bytes).encoded()
            case .shareDelivery: try ShareDelivery(decoding: bytes).encoded()
            case .survivors: try SurvivorList(decoding: bytes).encoded()
            case .unmaskRequest: try UnmaskRequest(decoding: bytes).encoded()
            case .result: try AggregateResult(decoding: bytes).encoded()
            default: try ConfirmationList(decoding: bytes).encoded()
            }
            #expect(again == bytes)
        }
        for message in recording.run.sent { #expect(try SignedMessage(decoding: message.encoded()) == message) }
    }
}
