import CoordinatorCore
import Federation
import SeededNoise
import Simulator
import Testing

/// When each node was given each round, in milliseconds.
private actor Log {
    private(set) var times: [String: [Int64]] = [:]
    func add(_ name: String, _ time: Int64) { times[name, default: []].append(time) }
}

@Suite("Nodes that wait for work")
struct CoordinatorWakeTests {
    @Test("get a new round at the moment it opens, however long they were ready to wait")
    func woken() async throws {
        let plan = TestPlan.make(rounds: 3, deadlineSeconds: 600)
        let clock = VirtualClock(start: WallTime(milliseconds: 0), end: WallTime(milliseconds: 3_600_000))
        let storage = InMemoryCoordinatorStorage()
        let administration = CoordinatorAdministration(storage: storage, clock: clock)
        _ = try await administration.importCatalog(TestPlan.catalog)
        _ = try await administration.startPlan(plan)
        let coordinator = Coordinator(storage: storage, clock: clock, noise: SeededNoiseSource(seed: 1), logger: quietLogger)
        let log = Log()

        @Sendable func attend(_ name: String, from start: Int64) async throws {
            let node = TestNode(name, plan: plan)
            let session = coordinator.session(for: node.id)
            try await clock.sleep(until: WallTime(milliseconds: start))
            try await session.join(JoinDeclaration(plan: plan.digest, enrolledUsers: 10))
            var known: Digest?
            while true {
                // As long as a node may wait: whoever is not woken is late by that much.
                let answer = try await session.nextAssignment(AssignmentPoll(plan: plan.digest, knownModel: known, patience: .seconds(60)))
                known = answer.newestModel?.digest ?? known
                switch answer.work {
                case .planEnded: return
                case .train(let assignment):
                    await log.add(name, clock.now.milliseconds)
                    // What training takes; the other node has long been waiting for the next round when the slower one is done.
                    try await clock.sleep(until: clock.now + (name == "paris" ? .seconds(4) : .seconds(1)))
                    _ = try await node.send(assignment, over: session)
                case .wait, .otherPlan: continue
                }
            }
        }

        try await withTaskExecutorPreference(clock.executor) {
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                tasks.addTask {
                    try await coordinator.run()
                    return false
                }
                // A second for the coordinator to start; the round opens when the second node has joined.
                for (name, start) in [("berlin", Int64(1000)), ("paris", 10_000)] {
                    tasks.addTask {
                        try await attend(name, from: start)
                        return true
                    }
                }
                var left = 2
                while left > 0, let isNode = try await tasks.next() { left -= isNode ? 1 : 0 }
                tasks.cancelAll()
            }
        }
        let times = await log.times
        #expect(times["berlin"]?.count == 3)
        #expect(times["berlin"] == times["paris"], "both learn of a round when it opens")
        // The first round opens with the second node, the others when the slower update is in.
        for (round, time) in (times["berlin"] ?? []).enumerated() {
            let earliest = Int64(10_000 + 4000 * round)
            #expect(time >= earliest && time < earliest + 2000, "round \(round + 1) at \(time) ms")
        }
    }
}
