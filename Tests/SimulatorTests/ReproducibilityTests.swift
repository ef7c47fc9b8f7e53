import CoordinatorCore
import EdgeRuntime
import Federation
import SeededNoise
import Simulator
import Testing

@Suite("The same plan, data and seed give the same bits")
struct ReproducibilityTests {
    @Test("a federation trains and publishes every round", arguments: SmallWorld.Mode.allCases)
    func trains(_ mode: SmallWorld.Mode) async throws {
        let result = try await SmallWorld.simulation(mode).run()
        #expect(result.publishedRounds.map(\.round.value) == [1, 2, 3])
        #expect(result.finalModel.round == 3)
        #expect(Digest(of: result.finalModelBytes) == result.finalModel.digest)
        #expect(result.rounds.allSatisfy { $0.contributors.count == 3 && $0.evaluatedUsers == 36 && $0.loss != nil && $0.ndcgAt10 != nil })
        #expect(result.nodes.allSatisfy { $0.end == .planEnded })
        let isPrivate = mode == .local || mode == .central
        #expect(result.nodes.allSatisfy { $0.ledger == LedgerBalance(sent: isPrivate ? 3 : 0) })
        #expect(result.rounds.allSatisfy { ($0.epsilonSpent > 0) == isPrivate })
    }

    @Test("whatever the order of arrival", arguments: SmallWorld.Mode.allCases)
    func arrivalOrder(_ mode: SmallWorld.Mode) async throws {
        let calm = try await SmallWorld.simulation(mode).run()
        var durations: Set<Duration> = [calm.virtualTime]
        for longest in [50, 400, 3000] {
            let other = try await SmallWorld.simulation(mode, faults: FaultPlan(latency: .milliseconds(0) ... .milliseconds(longest))).run()
            #expect(other.models == calm.models)
            #expect(other.finalModelBytes == calm.finalModelBytes)
            durations.insert(other.virtualTime)
        }
        #expect(durations.count == 4, "the wire was as slow every time, so nothing was shuffled")
    }

    @Test("whatever is lost and repeated", arguments: SmallWorld.Mode.allCases)
    func losses(_ mode: SmallWorld.Mode) async throws {
        let calm = try await SmallWorld.simulation(mode).run()
        var faults: [Fault] = RequestKind.allCases.flatMap { kind in
            [Fault.lostRequest(RequestMatch(kind: kind, occurrence: 1)), .lostAnswer(RequestMatch(kind: kind, occurrence: 3))]
        }
        faults.append(.interruptedUpload(node: NodeID(naming: "node-2"), round: 2, afterBytes: 1000))
        faults.append(.delayed(RequestMatch(node: NodeID(naming: "node-3"), kind: .upload, occurrence: 2), by: .seconds(600)))
        let stormy = try await SmallWorld.simulation(
            mode, faults: FaultPlan(latency: .milliseconds(0) ... .milliseconds(200), lossRate: 0.1, faults: faults)
        ).run()
        #expect(stormy.models == calm.models)
        #expect(stormy.nodes.map(\.ledger) == calm.nodes.map(\.ledger))
    }

    @Test("the same run again is the same to the last millisecond")
    func again() async throws {
        let faults = FaultPlan(latency: .milliseconds(0) ... .milliseconds(500), lossRate: 0.2)
        let first = try await SmallWorld.simulation(.local, faults: faults).run()
        let second = try await SmallWorld.simulation(.local, faults: faults).run()
        #expect(first.rounds == second.rounds)
        #expect(first.virtualTime == second.virtualTime)
    }

    @Test("another seed of the plan gives another model", arguments: SmallWorld.Mode.allCases)
    func otherPlanSeed(_ mode: SmallWorld.Mode) async throws {
        let one = try await SmallWorld.simulation(mode, planSeed: 7, rounds: 1).run()
        let other = try await SmallWorld.simulation(mode, planSeed: 8, rounds: 1).run()
        #expect(one.finalModel.digest != other.finalModel.digest)
    }

    @Test("another seed of the noise gives another model where there is noise, and only there", arguments: SmallWorld.Mode.allCases)
    func otherNoise(_ mode: SmallWorld.Mode) async throws {
        let one = try await SmallWorld.simulation(mode, seed: 1, rounds: 1).run()
        let other = try await SmallWorld.simulation(mode, seed: 2, rounds: 1).run()
        // The plan is the same, so only noise can tell the parameters apart.
        #expect((one.finalModel.digest == other.finalModel.digest) == (mode == .offSilo || mode == .offPerUser))
    }
}
