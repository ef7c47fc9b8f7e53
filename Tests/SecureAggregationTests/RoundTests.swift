import SecureAggregation
import Testing

@Suite("A round of secure aggregation")
struct RoundTests {
    @Test("sums exactly for every number of nodes and every modulus", arguments: 3...12, [32, 40, 64])
    func exact(nodes: Int, bits: Int) throws {
        var run = try RoundRun(RoundSetting(nodes: nodes, bits: bits))
        try run.run()
        #expect(run.alarms.isEmpty && run.refusals.isEmpty, "\(run.alarms) \(run.refusals)")
        #expect(run.sum == run.setting.sum(of: run.setting.members))
        #expect(run.end == .completed)
        #expect(run.ends.values.allSatisfy { $0 == .completed } && run.ends.count == nodes)
    }

    @Test("sums exactly over those who stayed when nodes drop", arguments: [MessageKind.advertisement, .shares, .maskedInput, .consistency, .unmasking, .confirmation])
    func drop(from kind: MessageKind) throws {
        var run = try RoundRun(RoundSetting(nodes: 7))
        run.silentFrom = [run.setting.members[1]: kind, run.setting.members[6]: kind]
        try run.run()
        let late: Set<MessageKind> = [.consistency, .unmasking, .confirmation]
        let expected = late.contains(kind) ? run.setting.members : run.setting.members.filter { run.silentFrom[$0] == nil }
        #expect(run.sum == run.setting.sum(of: expected))
        #expect(run.published?.survivors == expected)
        #expect(run.end == .completed, "\(String(describing: run.end))")
    }
}
