import CoordinatorCore
import EdgeRuntime
import Federation
import Simulator
import Subprocess
import TestSupport
import Testing

@Suite("Ten processes that nobody can look into", .serialized, .timeLimit(.minutes(15)))
struct SecureFederationTests {
    /// One death in each stage, in the order of the stages: the node's number is the round it dies in.
    private static let deaths: [NodeFaultPoint] = [.beforeKeys, .beforeShares, .beforeMaskedInput, .beforeConsistency, .decisionDurable, .stepApplied]

    @Test("one node is killed in each stage of successive rounds: every round publishes, and the models are the simulator's bit for bit")
    func killed() async throws {
        let nodes = 10
        let plan = ProcessWorld.plan(privacy: "distributed", nodes: nodes, rounds: Self.deaths.count, quorum: 7)
        let faults = FaultPlan(
            faults: Self.deaths.enumerated().map { index, point in
                .nodeCrash(node: NodeID(naming: "node-\(index + 1)"), round: index + 1, at: point, downFor: .seconds(5))
            })
        let expected = try await ProcessWorld.simulated(plan: plan, nodes: nodes, faults: faults)
        #expect(expected.publishedRounds.count == Self.deaths.count)
        #expect(expected.rounds.map(\.contributors.count) == [9, 9, 9, 10, 10, 10], "who died before the masked input is not in the sum")
        try await withFederation(.underTest) { federation in
            _ = try await federation.prepare(nodes: nodes)
            try await federation.start(plan: plan)
            let names = ProcessWorld.names(nodes)
            // A node passes each point once a round, so the n-th time is the n-th round.
            let doomed = Self.deaths.enumerated().map { index, point in (names[index], federation.run(names[index], killAt: "\(point.rawValue)#\(index + 1)")) }
            let others = names.dropFirst(Self.deaths.count).map { federation.run($0) }
            var reborn: [RunningProcess] = []
            for (name, process) in doomed {
                try await process.end(as: .signaled(9))
                reborn.append(federation.run(name))
            }
            for process in others + reborn { try await process.end(as: .exited(0)) }
            let status = try await federation.status()
            #expect(status.records.map(\.state) == Self.deaths.map { _ in "published" }, "no round was lost")
            #expect(status.records.map(\.updates) == [9, 9, 9, 10, 10, 10])
            #expect(status.records.compactMap(\.model) == expected.modelDigests)
            // Who died before anything left keeps a reservation that nothing was sent for: it stays spent.
            for (index, name) in names.enumerated() {
                let lost = index < 2 ? 1 : 0
                #expect(try await federation.ledger(of: name) == .init(plans: [.init(reserved: lost, sent: Self.deaths.count - lost, cancelled: 0)]))
            }
        }
    }

    @Test("the coordinator is killed before it has the sum: the round is abandoned, stays charged, and the next ones count", arguments: [FaultPoint.survivorsFixed, .unmasked])
    func coordinatorKilled(_ point: FaultPoint) async throws {
        let plan = ProcessWorld.plan(privacy: "distributed", nodes: 5, quorum: 4)
        try await withFederation(.underTest) { federation in
            let (first, ports) = try await federation.prepare(nodes: 5)
            try await first.send(.terminate)
            try await first.end()
            let (doomed, _) = try await federation.serve(ports, killAt: point.rawValue)
            try await federation.start(plan: plan)
            let nodes = ProcessWorld.names(5).map { federation.run($0) }
            try await doomed.end(as: .signaled(9))
            _ = try await federation.serve(ports)
            for node in nodes { try await node.end(as: .exited(0)) }
            let status = try await federation.status()
            #expect(status.records.map(\.state) == ["abandoned", "published", "published"])
            #expect(status.records.first?.reason == "aggregation-lost")
            for node in ProcessWorld.names(5) {
                #expect(try await federation.ledger(of: node) == .init(plans: [.init(reserved: 0, sent: 3, cancelled: 0)]))
            }
        }
    }
}
