import Subprocess
import TestSupport
import Testing

@Suite("A federation of real processes over mutual TLS", .serialized, .timeLimit(.minutes(5)))
struct FederationTests {
    @Test("the shipped executables train and publish the very bits of the simulator", arguments: ["silo", "per-user"])
    func shippedEqualsSimulator(unit: String) async throws {
        let plan = ProcessWorld.plan(privacy: "off", unit: unit, nodes: 3)
        let expected = try await ProcessWorld.simulated(plan: plan, nodes: 3)
        try await withFederation(.shipped) { federation in
            let (server, _) = try await federation.prepare(nodes: 3)
            try await federation.start(plan: plan)
            let nodes = ProcessWorld.names(3).map { federation.run($0) }
            for node in nodes { try await node.end(as: .exited(0)) }
            let status = try await federation.status()
            #expect(status.state == "finished")
            #expect(status.records.map(\.state) == ["published", "published"])
            #expect(status.records.compactMap(\.model) == expected.modelDigests)
            #expect(status.records.allSatisfy { $0.updates == 3 })
            try await server.send(.terminate)
            try await server.end(as: .exited(0))
        }
    }

    @Test("private runs with seeded noise publish the very bits of the simulator", arguments: ["local", "central"])
    func privateEqualsSimulator(mode: String) async throws {
        let plan = ProcessWorld.plan(privacy: mode, nodes: 2)
        let expected = try await ProcessWorld.simulated(plan: plan, nodes: 2)
        try await withFederation(.underTest) { federation in
            _ = try await federation.prepare(nodes: 2)
            try await federation.start(plan: plan)
            let nodes = ProcessWorld.names(2).map { federation.run($0) }
            for node in nodes { try await node.end(as: .exited(0)) }
            let status = try await federation.status()
            #expect(status.records.compactMap(\.model) == expected.modelDigests)
            #expect(try await federation.ledger(of: "node-1") == .init(plans: [.init(reserved: 0, sent: 2, cancelled: 0)]))
        }
    }

    @Test("the shipped executables draw noise that no seed repeats")
    func shippedNoise() async throws {
        let plan = ProcessWorld.plan(privacy: "local", nodes: 1, rounds: 1)
        let expected = try await ProcessWorld.simulated(plan: plan, nodes: 1)
        try await withFederation(.shipped) { federation in
            _ = try await federation.prepare(nodes: 1)
            try await federation.start(plan: plan)
            try await federation.run("node-1").end(as: .exited(0))
            let model = try await federation.status().model
            #expect(model != nil && model != expected.finalModelDigest)
        }
    }
}
