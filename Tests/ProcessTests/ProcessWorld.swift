import TestSupport
import EdgeRuntime
import Federation
import Interactions
import PlanFiles
import SeededRandom
import Simulator

/// Data and plans that processes and the simulator share, small enough to be trained in a second.
enum ProcessWorld {
    static let itemCount = 25

    static let catalog = "item_id,title,categories\n" + (0..<itemCount).map { "item-\($0),Item \($0),\n" }.joined()

    /// Users who walk along the catalog.
    static func events(of node: Int) -> [NodeEvent] {
        (0..<8).flatMap { user -> [NodeEvent] in
            var stream = RandomStream(seed: 3, "processes").child(node).child(user)
            var item = stream.below(itemCount)
            return (0..<(5 + stream.below(6))).map { step in
                defer { item = (item + 1 + stream.below(2)) % itemCount }
                return NodeEvent(user: "user-\(node)-\(user)", item: "item-\(item)", time: 1_700_000_000_000 + Int64(step) * 60_000)
            }
        }
    }

    static func csv(of node: Int) -> String {
        "user,item,time\n" + events(of: node).map { "\($0.user),\($0.item),\(($0.time ?? 0) / 1000)\n" }.joined()
    }

    /// - Parameter quorum: `nil` for all nodes; with privacy `distributed` the threshold.
    static func plan(privacy: String, unit: String = "per-user", nodes: Int, rounds: Int = 2, deadline: Int = 120, quorum: Int? = nil) -> String {
        var settings = privacy == "off" ? "" : "\n  clip: 0.5\n  epsilon: 8\n  delta: 1e-5"
        if privacy == "distributed" { settings += "\n  threshold: \(quorum ?? nodes)\n  tolerated-collusion: 1\n  stage-seconds: \(deadline)" }
        return """
            name: processes
            seed: 4
            rounds: \(rounds)
            maximum-attempts: \(rounds + 2)
            maximum-users: 1000
            model:
              gru4rec: {embedding-dimension: 6}
            training:
              unit: \(unit)
              optimizer:
                sgd: {learning-rate: 0.2}
              batch-size: 4
            privacy:
              mode: \(privacy)\(settings)
            selection:
              minimum-cohort: \(nodes)
              quorum: \(quorum ?? nodes)
              deadline-seconds: \(deadline)
            """
    }

    static func names(_ count: Int) -> [String] { (1...count).map { "node-\($0)" } }

    /// What the simulator makes of the same plan and data, with the noise of the executables under test.
    static func simulated(plan text: String, nodes: Int, faults: FaultPlan = .none) async throws -> SimulationResult {
        let catalog = try Catalog(csv: Array(catalog.utf8), fileName: "items.csv")
        let plan = try PlanDraft(yaml: text, fileName: "plan.yaml").resolved(for: CatalogReference(catalog))
        let silos = (1...nodes).map { SimulatedSilo(node: NodeID(naming: "node-\($0)"), events: events(of: $0)) }
        return try await Simulation(plan: plan, silos: silos, catalog: catalog, faults: faults, seed: ProcessFederation.noiseSeed).run()
    }
}

extension ProcessFederation {
    /// Everything up to the start of the plan, with the server running.
    func prepare(nodes: Int) async throws -> (RunningProcess, Ports) {
        try await initialise(catalog: ProcessWorld.catalog)
        let (server, ports) = try await serve()
        for (index, node) in ProcessWorld.names(nodes).enumerated() { try await enrol(node, events: ProcessWorld.csv(of: index + 1), ports) }
        return (server, ports)
    }
}

extension SimulationResult {
    /// Of the published models, in order, in hexadecimal.
    var modelDigests: [String] { publishedRounds.compactMap { $0.model?.digest.hex } }
    var finalModelDigest: String { finalModel.digest.hex }
}
