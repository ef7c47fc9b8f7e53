import CoordinatorCore
import EdgeRuntime
import Federation
import Simulator
import Testing

@Suite("Deaths and restarts do not change a bit")
struct CrashTests {
    struct CoordinatorCase: Sendable, CustomTestStringConvertible {
        var mode: SmallWorld.Mode
        var point: FaultPoint
        var testDescription: String { "\(mode) \(point.rawValue)" }
    }
    /// Every point in every mode that passes it.
    static let coordinatorCases = SmallWorld.Mode.allCases.flatMap { mode in
        FaultPoint.plain.filter { $0 != .noisedSumRecorded || mode == .central }.map { CoordinatorCase(mode: mode, point: $0) }
    }

    @Test("the coordinator dies, and the same round goes on", arguments: coordinatorCases)
    func coordinator(_ each: CoordinatorCase) async throws {
        let calm = try await SmallWorld.simulation(each.mode, rounds: 2).run()
        let crashes = [1, 2].map { Fault.coordinatorCrash(at: each.point, occurrence: $0, downFor: .seconds(5)) }
        let result = try await SmallWorld.simulation(each.mode, faults: FaultPlan(faults: crashes), rounds: 2).run()
        #expect(result.coordinatorStarts == 3, "the point was not passed twice")
        #expect(result.models == calm.models)
        #expect(result.rounds.map(\.contributors) == calm.rounds.map(\.contributors))
        #expect(result.nodes.map(\.ledger) == calm.nodes.map(\.ledger))
    }

    struct NodeCase: Sendable, CustomTestStringConvertible {
        var mode: SmallWorld.Mode
        var point: NodeFaultPoint
        var testDescription: String { "\(mode) \(point.rawValue)" }
    }
    static let nodeCases = SmallWorld.Mode.allCases.flatMap { mode in NodeFaultPoint.plain.map { NodeCase(mode: mode, point: $0) } }

    @Test("a node dies, and its update is counted once and paid for", arguments: nodeCases)
    func node(_ each: NodeCase) async throws {
        let calm = try await SmallWorld.simulation(each.mode, rounds: 2).run()
        let node = NodeID(naming: "node-2")
        let faults = FaultPlan(faults: [.nodeCrash(node: node, round: 1, at: each.point, downFor: .seconds(30))])
        let result = try await SmallWorld.simulation(each.mode, faults: faults, rounds: 2).run()
        #expect(result.virtualTime > calm.virtualTime + .seconds(20), "the node did not die")
        #expect(result.models == calm.models)
        #expect(result.rounds.map(\.contributors) == calm.rounds.map(\.contributors))
        let isPrivate = each.mode == .local || each.mode == .central
        // What was reserved for bytes that were not durable stays spent: fresh noise is a fresh reservation.
        let lost = isPrivate && (each.point == .afterReservation || each.point == .duringTraining) ? 1 : 0
        let ledger = try #require(result.nodes.first { $0.node == node }?.ledger)
        #expect(ledger == LedgerBalance(reserved: lost, sent: isPrivate ? 2 : 0))
    }

    @Test("a node that stays away too long costs the round, and the next one counts")
    func missing() async throws {
        let faults = FaultPlan(faults: [.nodeCrash(node: NodeID(naming: "node-2"), round: 1, at: .duringTraining, downFor: .seconds(7200))])
        let result = try await SmallWorld.simulation(.local, faults: faults, rounds: 2).run()
        #expect(result.rounds.first?.abandonReason == "deadline-passed")
        #expect(result.publishedRounds.map(\.round.value) == [2, 3])
        // The updates of the abandoned round had left: they stay spent.
        #expect(result.nodes.map(\.ledger.sent) == [3, 2, 3])
    }
}
