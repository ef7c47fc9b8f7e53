import CoordinatorCore
import EdgeRuntime
import Subprocess
import TestSupport
import Testing

@Suite("SIGKILL at every durable point", .serialized, .timeLimit(.minutes(10)))
struct KillTests {
    @Test("the coordinator is killed, and the same round goes on", arguments: FaultPoint.plain)
    func coordinator(_ point: FaultPoint) async throws {
        // The noised sum exists in mode central only.
        let plan = ProcessWorld.plan(privacy: point == .noisedSumRecorded ? "central" : "local", nodes: 2)
        let expected = try await ProcessWorld.simulated(plan: plan, nodes: 2)
        try await withFederation(.underTest) { federation in
            let (first, ports) = try await federation.prepare(nodes: 2)
            try await first.send(.terminate)
            try await first.end()
            let (doomed, _) = try await federation.serve(ports, killAt: point.rawValue)
            try await federation.start(plan: plan)
            let nodes = ProcessWorld.names(2).map { federation.run($0) }
            try await doomed.end(as: .signaled(9))
            _ = try await federation.serve(ports)
            for node in nodes { try await node.end(as: .exited(0)) }
            let status = try await federation.status()
            #expect(status.records.map(\.state) == ["published", "published"], "no round was lost")
            #expect(status.records.compactMap(\.model) == expected.modelDigests, "nothing was lost or counted twice")
            for node in ProcessWorld.names(2) {
                #expect(try await federation.ledger(of: node) == .init(plans: [.init(reserved: 0, sent: 2, cancelled: 0)]))
            }
        }
    }

    @Test("a node is killed, and its update is counted once and paid for", arguments: NodeFaultPoint.plain)
    func node(_ point: NodeFaultPoint) async throws {
        let plan = ProcessWorld.plan(privacy: "local", nodes: 2)
        let expected = try await ProcessWorld.simulated(plan: plan, nodes: 2)
        try await withFederation(.underTest) { federation in
            _ = try await federation.prepare(nodes: 2)
            try await federation.start(plan: plan)
            let other = federation.run("node-1")
            let doomed = federation.run("node-2", killAt: point.rawValue)
            try await doomed.end(as: .signaled(9))
            let again = federation.run("node-2")
            for node in [other, again] { try await node.end(as: .exited(0)) }
            let status = try await federation.status()
            #expect(status.records.map(\.state) == ["published", "published"])
            #expect(status.records.compactMap(\.model) == expected.modelDigests)
            // Reserved for bytes that were not durable stays spent: fresh noise is a fresh reservation.
            let lost = point == .afterReservation || point == .duringTraining ? 1 : 0
            #expect(try await federation.ledger(of: "node-2") == .init(plans: [.init(reserved: lost, sent: 2, cancelled: 0)]))
        }
    }
}
