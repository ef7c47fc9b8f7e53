import EdgeRuntime
import Federation
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Simulator

/// A federation small enough to be trained many times in a test.
enum SmallWorld {
    static let itemCount = 30

    static func catalog() throws -> Catalog { try Catalog(items: (0..<itemCount).map { CatalogItem(id: "item-\($0)", title: "Item \($0)") }) }

    /// Users who walk along the catalog in steps of one or two: there is order to learn.
    static func silos(nodes: Int = 3, usersPerNode: Int = 12) -> [SimulatedSilo] {
        (0..<nodes).map { node in
            var events: [NodeEvent] = []
            for user in 0..<usersPerNode {
                var stream = RandomStream(seed: 5, "world").child(node).child(user)
                var item = stream.below(itemCount)
                for step in 0..<(6 + stream.below(8)) {
                    events.append(NodeEvent(user: "user-\(node)-\(user)", item: "item-\(item)", time: Int64(step) * 1000))
                    item = (item + 1 + stream.below(2)) % itemCount
                }
            }
            return SimulatedSilo(node: NodeID(naming: "node-\(node + 1)"), events: events)
        }
    }

    /// The kinds of training that must all be reproducible.
    enum Mode: String, CaseIterable, Sendable { case offSilo, offPerUser, local, central }

    static func plan(_ mode: Mode, seed: UInt64 = 7, rounds: Int = 3, selection: SelectionPlan? = nil) throws -> Plan {
        let training = TrainingConfiguration(
            unit: mode == .offSilo ? .silo : .perUser, optimizer: .sgd(learningRate: 0.2, momentum: 0), batchSize: 8, maximumLength: 20)
        let mechanism = GaussianMechanism(clip: 0.5, noiseMultiplier: 4, epsilon: 20, delta: 1e-5)
        let privacyMode: PrivacyPlan.Mode =
            switch mode {
            case .offSilo, .offPerUser: .off(range: 65_536)
            case .local: .local(mechanism)
            case .central: .central(mechanism)
            }
        return Plan(
            name: "small", seed: seed, catalog: CatalogReference(try catalog()),
            model: .gru4rec(GRU4RecConfiguration(embeddingDimension: 6, hiddenDimension: 6)), training: training,
            privacy: PrivacyPlan(mode: privacyMode, grid: GridPlan(scale: 0x1p20, modulusBits: 64)), serverOptimizer: .fedAvgM(learningRate: 1, momentum: 0.5),
            selection: selection ?? SelectionPlan(minimumCohort: 3, quorum: 3, deadlineSeconds: 3600), rounds: rounds, maximumAttempts: rounds + 2)
    }

    static func simulation(_ mode: Mode, faults: FaultPlan = .none, planSeed: UInt64 = 7, seed: UInt64 = 1, rounds: Int = 3) throws -> Simulation {
        Simulation(plan: try plan(mode, seed: planSeed, rounds: rounds), silos: silos(), catalog: try catalog(), faults: faults, seed: seed)
    }
}

extension SimulationResult {
    /// The models of all published rounds: equal only if the whole course was.
    var models: [Digest] { publishedRounds.compactMap { $0.model?.digest } }
}
