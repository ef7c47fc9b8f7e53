import CoordinatorCore
import EdgeRuntime
import Federation
import RecommenderModels
import Simulator
import Testing

@Suite("A federation that nobody can look into: privacy mode distributed")
struct SecureFederationTests {
    /// Five nodes of which four must survive; one may collude.
    static func simulation(faults: FaultPlan = .none, rounds: Int = 2, minimumCohort: Int = 5, seed: UInt64 = 1) throws -> Simulation {
        var plan = try SmallWorld.plan(
            .local, rounds: rounds, selection: SelectionPlan(minimumCohort: minimumCohort, quorum: 4, deadlineSeconds: 600))
        let mechanism = try #require(plan.privacy.mechanism)
        plan.privacy.mode = .distributed(mechanism, AggregationPlan(threshold: 4, collusion: 1, stageSeconds: 120))
        return Simulation(plan: plan, silos: SmallWorld.silos(nodes: 5), catalog: try SmallWorld.catalog(), faults: faults, seed: seed)
    }

    private func largestParameter(_ result: SimulationResult, _ simulation: Simulation) throws -> Float {
        let layout = try simulation.plan.recommender().layout
        let model = try ModelVersion(
            encoded: result.finalModelBytes, layout: layout, optimizer: simulation.plan.serverOptimizer, plan: simulation.plan.digest)
        return model.parameters.map(\.magnitude).max() ?? 0
    }

    @Test("every round publishes, every node pays once a round, and no mask is left in the model")
    func calm() async throws {
        let simulation = try Self.simulation(rounds: 3)
        let result = try await simulation.run()
        #expect(result.publishedRounds.map(\.round.value) == [1, 2, 3])
        #expect(result.rounds.allSatisfy { $0.contributors.count == 5 })
        #expect(result.nodes.allSatisfy { $0.ledger == LedgerBalance(sent: 3) && $0.end == .planEnded })
        // A mask that stayed would be a uniform word of 64 bits.
        #expect(try largestParameter(result, simulation) < 100)
    }

    @Test("keys, delays and losses on the way change nothing")
    func wire() async throws {
        let calm = try await Self.simulation().run()
        let rough = FaultPlan(latency: .milliseconds(1) ... .milliseconds(900), lossRate: 0.05)
        #expect(try await Self.simulation(faults: rough).run().models == calm.models)
    }

    struct Drop: Sendable, CustomTestStringConvertible {
        var point: NodeFaultPoint
        /// Whether what the node has sent by then is in the sum.
        var counts: Bool
        var testDescription: String { point.rawValue }
    }
    static let drops: [Drop] = [
        Drop(point: .duringTraining, counts: false), Drop(point: .beforeKeys, counts: false), Drop(point: .beforeShares, counts: false),
        Drop(point: .beforeMaskedInput, counts: false), Drop(point: .duringUpload, counts: false), Drop(point: .afterMaskedInput, counts: true),
        Drop(point: .beforeConsistency, counts: true), Drop(point: .decisionDurable, counts: true), Drop(point: .beforeUnmasking, counts: true),
        Drop(point: .stepApplied, counts: true), Drop(point: .beforeConfirmation, counts: true),
    ]

    @Test("a node that dies in any stage loses no round, and who is in the sum alone decides the model", arguments: drops)
    func nodeDies(_ drop: Drop) async throws {
        let node = NodeID(naming: "node-2")
        func run(_ point: NodeFaultPoint) async throws -> SimulationResult {
            try await Self.simulation(faults: FaultPlan(faults: [.nodeCrash(node: node, round: 1, at: point, downFor: .seconds(20))])).run()
        }
        let result = try await run(drop.point)
        #expect(result.publishedRounds.map(\.round.value) == [1, 2])
        #expect(result.rounds[0].contributors.contains(node) == drop.counts)
        #expect(result.rounds[1].contributors.count == 5, "the node is back")
        // The same survivors give the same bits, whether masks were never there, taken back with the others' help, or removed as planned.
        let expected = drop.counts ? try await Self.simulation().run() : try await run(.afterReservation)
        #expect(result.models == expected.models)
        let ledger = try #require(result.nodes.first { $0.node == node }?.ledger)
        let hadSent = drop.counts || drop.point == .beforeMaskedInput || drop.point == .duringUpload
        #expect(ledger == LedgerBalance(reserved: hadSent ? 0 : 1, sent: hadSent ? 2 : 1), "what left, and what was lost, stays spent")
    }

    @Test("too few survivors publish nothing, what left stays spent, and the next round counts")
    func tooFew() async throws {
        let dead: [Fault] = [2, 3].map { .nodeCrash(node: NodeID(naming: "node-\($0)"), round: 1, at: .beforeConsistency, downFor: .seconds(20)) }
        let result = try await Self.simulation(faults: FaultPlan(faults: dead)).run()
        #expect(result.rounds.first?.abandonReason == "aggregation-failed")
        #expect(result.publishedRounds.map(\.round.value) == [2, 3])
        #expect(result.nodes.allSatisfy { $0.ledger == LedgerBalance(sent: 3) })
    }

    @Test(
        "a coordinator that dies before it has the sum loses the round and nothing else",
        arguments: [FaultPoint.selectionRecorded, .updateAccepted, .survivorsFixed, .collectionClosed, .unmasked, .sum])
    func coordinatorDies(_ point: FaultPoint) async throws {
        let result = try await Self.simulation(faults: FaultPlan(faults: [.coordinatorCrash(at: point, occurrence: 1, downFor: .seconds(5))])).run()
        #expect(result.coordinatorStarts == 2)
        #expect(result.rounds.first?.abandonReason == "aggregation-lost")
        #expect(result.publishedRounds.map(\.round.value) == [2, 3])
        #expect(result.rounds.dropFirst().allSatisfy { $0.contributors.count == 5 })
    }

    @Test(
        "once the sum is durable a restart publishes it",
        arguments: [FaultPoint.noisedSumRecorded, .modelFile, .confirmed, .beforePublishRecord, .published])
    func coordinatorRecovers(_ point: FaultPoint) async throws {
        let calm = try await Self.simulation().run()
        let result = try await Self.simulation(faults: FaultPlan(faults: [.coordinatorCrash(at: point, occurrence: 1, downFor: .seconds(5))])).run()
        #expect(result.coordinatorStarts == 2)
        #expect(result.models == calm.models)
        #expect(result.nodes.allSatisfy { $0.ledger == LedgerBalance(sent: 2) })
    }
}
