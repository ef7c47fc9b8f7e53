import SecureAggregation
import Testing

@Suite("Every subset of five nodes drops at every stage")
struct DropTests {
    @Test("The outcome is the exact sum over U3, or an end with nothing that could be unmasked", arguments: [MessageKind.advertisement, .shares, .maskedInput, .consistency, .unmasking, .confirmation])
    func exhaustive(kind: MessageKind) throws {
        let setting = try RoundSetting(nodes: 5, dimension: 3)
        let threshold = setting.configuration.threshold
        for subset in 0..<(1 << 5) {
            var run = try RoundRun(setting)
            let dropped = setting.members.indices.filter { subset >> $0 & 1 == 1 }.map { setting.members[$0] }
            for member in dropped { run.silentFrom[member] = kind }
            try run.run()
            let stayed = setting.members.filter { !dropped.contains($0) }
            let expected = kind.rawValue <= MessageKind.maskedInput.rawValue ? stayed : setting.members
            let succeeds = kind == .confirmation || stayed.count >= threshold
            #expect(run.sum == (succeeds ? setting.sum(of: expected) : nil), "\(kind), \(dropped)")
            #expect(run.alarms.isEmpty)
            let shares = run.sent.filter { $0.kind == .unmasking }.count
            if succeeds {
                #expect(run.published?.survivors == expected)
                #expect(run.published?.users == UInt64(10 * expected.count))
            } else {
                #expect(shares < threshold, "\(shares) shares of each secret were revealed in a round that ended")
                if kind != .unmasking { #expect(shares == 0) }
                // The reservation may come back only where no input left.
                for (member, end) in run.ends { #expect((end == .afterInput) == run.sent.contains { $0.sender == member && $0.kind == .maskedInput }) }
            }
            #expect((run.end == .completed) == (stayed.count >= threshold))
        }
    }

    @Test("Different nodes drop at different stages of one round")
    func mixed() throws {
        let setting = try RoundSetting(nodes: 10)
        var run = try RoundRun(setting)
        run.silentFrom = [setting.members[0]: .shares, setting.members[4]: .maskedInput, setting.members[9]: .unmasking]
        try run.run()
        #expect(run.sum == setting.sum(of: setting.members.filter { ![setting.members[0], setting.members[4]].contains($0) }))
        #expect(run.end == .completed)
    }
}
