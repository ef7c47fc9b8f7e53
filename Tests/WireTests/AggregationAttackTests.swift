import Federation
import FederationGRPC
import FederationIdentity
import SecureAggregation
import Testing

@Suite("A hostile coordinator behind real TLS learns nothing", .timeLimit(.minutes(2)))
struct AggregationAttackTests {
    /// Runs every node's machine over its own connection against the hostile coordinator.
    private func run(_ hostile: HostileAggregation, _ party: AggregationParty, round: Int = 1, lastRound: UInt64? = nil) async throws -> [MemberID: AttendedRound] {
        let federation = try TestFederation()
        return try await federation.serving(session: { node in
            guard let member = party.roster.member(named: node.name)?.id else { throw FederationError(.rejected, "unknown") }
            return HostileSession(hostile: hostile, member: member)
        }) { ports in
            try await withThrowingTaskGroup(of: (MemberID, AttendedRound).self) { group in
                for member in party.roster.members {
                    let credentials = try await federation.credentials(member.name)
                    group.addTask {
                        guard let machine = party.node(member.id, lastRound: lastRound) else { throw CancellationError() }
                        return (member.id, try await federation.client(ports.federation, credentials) { try await attend($0, machine, round: round) })
                    }
                }
                var courses: [MemberID: AttendedRound] = [:]
                for try await (member, course) in group { courses[member] = course }
                return courses
            }
        }
    }

    /// A list of members as it travels.
    private static func list(_ kind: MessageKind, _ members: [UInt32]) -> [UInt8] {
        [kind.rawValue] + bigEndian(UInt32(members.count)) + members.flatMap(bigEndian)
    }
    private static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    /// A request to unmask with the signatures that were heard, whatever they are on.
    private static func request(_ members: [UInt32], signedBy heard: [[UInt8]]) -> [UInt8] {
        let signatures = heard.filter { $0.first == MessageKind.consistency.rawValue }.map { Array($0[1..<5]) + Array($0.suffix(64)) }.sorted { $0[3] < $1[3] }
        return list(.unmaskRequest, members) + bigEndian(UInt32(signatures.count)) + signatures.flatMap { $0 }
    }

    @Test("an honest course over the same wire raises no alarm and reveals one share each")
    func honest() async throws {
        let party = try AggregationParty()
        let hostile = try HostileAggregation(party, round: 1)
        let courses = try await run(hostile, party)
        #expect(courses.values.allSatisfy { $0.alarms.isEmpty })
        #expect(courses.values.count { $0.sent.contains(.unmasking) } >= 4)
    }

    @Test("equivocation: two sets of survivors gather t signatures for neither, and nothing is revealed")
    func equivocation() async throws {
        let party = try AggregationParty()
        let hostile = try HostileAggregation(party, round: 1) { member, message, heard in
            switch message.first {
            case MessageKind.survivors.rawValue: return [Self.list(.survivors, member.rawValue <= 2 ? [1, 2, 3, 4, 5] : [2, 3, 4, 5])]
            case MessageKind.unmaskRequest.rawValue: return [Self.request(member.rawValue <= 2 ? [1, 2, 3, 4, 5] : [2, 3, 4, 5], signedBy: heard)]
            default: return [message]
            }
        }
        // The honest machine refuses the signatures on the other set, so the attacker makes the requests itself.
        async let attack: Void = {
            while await hostile.count(of: .consistency) < 5 { await Task.yield() }
            let heard = await hostile.heard
            for number in UInt32(1)...5 { await hostile.send(Self.request(number <= 2 ? [1, 2, 3, 4, 5] : [2, 3, 4, 5], signedBy: heard), to: MemberID(number)) }
        }()
        let courses = try await run(hostile, party)
        await attack
        #expect(await hostile.count(of: .unmasking) == 0)
        #expect(courses.values.allSatisfy { $0.alarms == [.quorum] && $0.end == .afterInput })
    }

    @Test("both lists: a node that has revealed shares for one set reveals none for another")
    func bothLists() async throws {
        let party = try AggregationParty()
        let victim = MemberID(1)
        let hostile = try HostileAggregation(party, round: 1) { member, message, heard in
            guard message.first == MessageKind.unmaskRequest.rawValue, member == victim else { return [message] }
            // The second request counts node 5, whose seed the first one asks for, among the dropped.
            return [message, Self.request([1, 2, 3, 4], signedBy: heard)]
        }
        let courses = try await run(hostile, party)
        let course = try #require(courses[victim])
        #expect(course.sent.count { $0 == .unmasking } == 1)
        #expect(course.alarms.contains(.secondUnmask))
        #expect(await hostile.count(of: .unmasking, from: victim) == 1)
    }

    @Test("replay: an advert of an earlier round is refused in the next one, before a share is dealt")
    func replayedAdvert() async throws {
        let party = try AggregationParty()
        let earlier = try HostileAggregation(party, round: 1)
        _ = try await run(earlier, party)
        let old = try #require(await earlier.heard.first { $0.first == MessageKind.advertisement.rawValue && $0[4] == 2 })
        let hostile = try HostileAggregation(party, round: 2) { member, message, _ in
            guard message.first == MessageKind.keyList.rawValue, member.rawValue != 2 else { return [message] }
            // Kind and count, then adverts of one length in the order of the numbers.
            let place = 5 + old.count
            return [Array(message[..<place]) + old + Array(message[(place + old.count)...])]
        }
        let courses = try await run(hostile, party, round: 2, lastRound: 1)
        for (member, course) in courses where member.rawValue != 2 {
            #expect(course.alarms == [.signature] && !course.sent.contains(.shares), "node \(member)")
        }
        #expect(await hostile.count(of: .shares) <= 1)
    }
}
