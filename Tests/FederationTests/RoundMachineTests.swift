import Federation
import Testing

@Suite("Round machine")
struct RoundMachineTests {
    let nodes = ["a", "b", "c", "d"].compactMap { NodeID($0) }
    let start = WallTime(milliseconds: 1_000_000)
    static let payload = 8 * 51

    func machine(_ selection: SelectionPlan, rounds: Int = 2, attempts: Int = 4) -> RoundMachine {
        RoundMachine(
            plan: .example(selection: selection, rounds: rounds, maximumAttempts: attempts), payloadByteCount: Self.payload,
            initialModel: ModelReference(round: 0, digest: Digest(of: [0]), byteCount: 1))
    }
    func update(_ node: NodeID, _ content: UInt8 = 1) -> AcceptedUpdate {
        AcceptedUpdate(node: node, payload: Digest(of: [content]), byteCount: Self.payload, report: nil, acceptedAt: start)
    }
    func model(_ round: Int) -> ModelReference { ModelReference(round: round, digest: Digest(of: [UInt8(round)]), byteCount: 1) }
    func header(_ machine: RoundMachine, round: Int = 1, content: UInt8 = 1, model: Digest = Digest(of: [0])) -> UpdateHeader {
        UpdateHeader(plan: machine.planDigest, round: RoundNumber(round), baseModel: model, payload: Digest(of: [content]), payloadByteCount: Self.payload)
    }
    /// The machine after these nodes joined with ten users each, and what it did last.
    func joined(_ machine: RoundMachine, _ count: Int) -> (RoundMachine, [RoundAction]) {
        var machine = machine
        var actions: [RoundAction] = []
        for node in nodes.prefix(count) { actions = machine.handle(.joined(node, enrolledUsers: 10), at: start) }
        return (machine, actions)
    }

    @Test("a round goes from selection to publication, and the last one ends the plan")
    func wholePlan() throws {
        var (machine, actions) = joined(machine(SelectionPlan(minimumCohort: 2, quorum: 2), rounds: 1, attempts: 1), 2)
        let opening = RoundOpening(
            round: RoundNumber(1), baseModel: model(0), cohort: Array(nodes.prefix(2)), openedAt: start, deadline: start + .seconds(600))
        #expect(actions == [.open(opening)])
        #expect(machine.work(for: nodes[0], at: start) == .train(RoundAssignment(round: RoundNumber(1), model: model(0), timeLeft: .seconds(600))))
        #expect(machine.handle(.updateArrived(update(nodes[1]), RoundNumber(1)), at: start) == [.accept(update(nodes[1]), RoundNumber(1))])
        #expect(machine.work(for: nodes[1], at: start) == .wait(.seconds(1)))
        actions = machine.handle(.updateArrived(update(nodes[0]), RoundNumber(1)), at: start)
        #expect(actions == [.accept(update(nodes[0]), RoundNumber(1)), .closeCollection(RoundNumber(1)), .aggregate(RoundNumber(1))])
        actions = machine.handle(.aggregated(RoundNumber(1), model(1)), at: start)
        #expect(actions == [.publish(model(1), RoundNumber(1)), .endPlan(.finished)])
        #expect(machine.work(for: nodes[0], at: start) == .planEnded)
    }

    @Test("no round starts below the minimum cohort, and the first waits for late joiners")
    func gathering() {
        var (machine, actions) = joined(machine(SelectionPlan(minimumCohort: 2, quorum: 1, gatherSeconds: 10)), 1)
        #expect(actions.isEmpty && machine.attempts == 0)
        #expect(machine.handle(.joined(nodes[1], enrolledUsers: 10), at: start).isEmpty)
        #expect(machine.handle(.joined(nodes[2], enrolledUsers: 10), at: start + .seconds(5)).isEmpty)
        #expect(machine.handle(.tick, at: start + .seconds(9)).isEmpty)
        guard case .open(let opening)? = machine.handle(.tick, at: start + .seconds(10)).first else { Issue.record("no round"); return }
        #expect(opening.cohort == Array(nodes.prefix(3)))
    }

    @Test("at the deadline a quorum is enough, and less abandons the round; who owed an update is absent")
    func deadline() {
        var (machine, _) = joined(machine(SelectionPlan(minimumCohort: 3, quorum: 2)), 3)
        var enough = machine
        for node in nodes.prefix(2) { _ = enough.handle(.updateArrived(update(node), RoundNumber(1)), at: start) }
        #expect(enough.handle(.tick, at: start + .seconds(599)).isEmpty)
        #expect(enough.handle(.tick, at: start + .seconds(600)) == [.closeCollection(RoundNumber(1)), .aggregate(RoundNumber(1))])
        _ = machine.handle(.updateArrived(update(nodes[0]), RoundNumber(1)), at: start)
        #expect(machine.handle(.tick, at: start + .seconds(600)) == [.abandon(RoundNumber(1), .deadlinePassed)])
        // Two absent nodes: no next round before they ask for work again.
        #expect(machine.handle(.tick, at: start + .seconds(700)).isEmpty)
        _ = machine.handle(.seen(nodes[1]), at: start + .seconds(701))
        #expect(machine.handle(.seen(nodes[2]), at: start + .seconds(702)).count == 1)
        #expect(machine.attempts == 2)
    }

    @Test("a round whose quorum cannot be reached any more is abandoned at once, and a spent budget withdraws the node")
    func declines() {
        var (machine, _) = joined(machine(SelectionPlan(minimumCohort: 2, quorum: 2)), 2)
        let actions = machine.handle(.declined(nodes[0], RoundNumber(1), .budgetExhausted), at: start)
        #expect(
            actions == [
                .recordDecline(nodes[0], .budgetExhausted, RoundNumber(1)), .recordWithdrawal(nodes[0], .budgetExhausted),
                .abandon(RoundNumber(1), .quorumUnreachable),
            ])
        #expect(machine.handle(.declined(nodes[0], RoundNumber(1), .budgetExhausted), at: start).isEmpty)
        _ = machine.handle(.seen(nodes[0]), at: start + .seconds(60))
        #expect(machine.handle(.tick, at: start + .seconds(60)).isEmpty)
    }

    @Test("spare nodes are selected and not waited for")
    func overSelection() {
        let (opened, actions) = joined(machine(SelectionPlan(rule: .uniform(count: 2), overSelection: 1.5, minimumCohort: 4, quorum: 2)), 4)
        guard case .open(let opening)? = actions.first else { Issue.record("no round"); return }
        #expect(opening.cohort.count == 4)
        var machine = opened
        _ = machine.handle(.updateArrived(update(nodes[3]), RoundNumber(1)), at: start)
        #expect(machine.handle(.updateArrived(update(nodes[1]), RoundNumber(1)), at: start).last == .aggregate(RoundNumber(1)))
        #expect(machine.verdict(on: header(machine), from: nodes[0]) == .decided(.notNeeded))
    }

    @Test("a uniform draw depends on seed, round and names, not on the order of joining")
    func uniform() {
        let plan = machine(SelectionPlan(rule: .uniform(count: 2), minimumCohort: 2, quorum: 2, gatherSeconds: 5))
        var (one, two) = (plan, plan)
        for node in nodes { _ = one.handle(.joined(node, enrolledUsers: 1), at: start) }
        for node in nodes.reversed() { _ = two.handle(.joined(node, enrolledUsers: 1), at: start) }
        let actions = one.handle(.tick, at: start + .seconds(5))
        #expect(actions.count == 1 && actions == two.handle(.tick, at: start + .seconds(5)))
    }

    @Test("headers are judged by plan, membership, size, round, model and what was accepted")
    func verdicts() {
        var (machine, _) = joined(machine(SelectionPlan(minimumCohort: 2, quorum: 2)), 2)
        func verdict(_ node: Int, _ change: (inout UpdateHeader) -> Void) -> RoundMachine.Verdict {
            var header = header(machine)
            change(&header)
            return machine.verdict(on: header, from: nodes[node])
        }
        #expect(verdict(0) { _ in } == .wanted)
        #expect(verdict(0) { $0.plan = Digest(of: [9]) } == .decided(.rejected(.unknownPlan)))
        #expect(verdict(3) { _ in } == .decided(.rejected(.notJoined)))
        #expect(verdict(0) { $0.payloadByteCount += 1 } == .decided(.rejected(.wrongSize)))
        #expect(verdict(0) { $0.round = RoundNumber(2) } == .decided(.rejected(.wrongRound)))
        #expect(verdict(0) { $0.baseModel = Digest(of: [9]) } == .decided(.rejected(.wrongModel)))
        #expect(
            verdict(0) { $0.report = TrainingReport(lossSum: .nan, targetCount: 1, hitsAt10: 0, ndcgAt10: 0, evaluatedUsers: 0) }
                == .decided(.rejected(.malformed)))
        _ = machine.handle(.joined(nodes[2], enrolledUsers: 1), at: start)
        #expect(verdict(2) { _ in } == .decided(.rejected(.notSelected)))
        _ = machine.handle(.updateArrived(update(nodes[0]), RoundNumber(1)), at: start)
        #expect(verdict(0) { _ in } == .decided(.accepted))
        #expect(verdict(0) { $0.payload = Digest(of: [2]) } == .decided(.rejected(.conflictingUpdate)))
        // A repetition does not count twice.
        #expect(machine.handle(.updateArrived(update(nodes[0], 2), RoundNumber(1)), at: start).isEmpty)
    }

    @Test("a private plan takes no report, and nodes without users are not selected")
    func privatePlan() {
        var machine = RoundMachine(plan: .privateExample(), payloadByteCount: Self.payload, initialModel: model(0))
        #expect(machine.handle(.joined(nodes[0], enrolledUsers: 0), at: start).isEmpty)
        #expect(machine.handle(.joined(nodes[1], enrolledUsers: 5), at: start).count == 1)
        var header = header(machine)
        header.report = TrainingReport(lossSum: 1, targetCount: 1, hitsAt10: 0, ndcgAt10: 0, evaluatedUsers: 1)
        #expect(machine.verdict(on: header, from: nodes[1]) == .decided(.rejected(.unexpectedReport)))
    }

    @Test("joins that would overflow the modulus have no room")
    func room() {
        let (machine, _) = joined(RoundMachine(plan: .privateExample(), payloadByteCount: Self.payload, initialModel: model(0)), 2)
        // 2^39 / 2^14 = 2^25 users, less six percent.
        #expect(machine.hasRoom(for: nodes[2], enrolledUsers: 30_000_000))
        #expect(!machine.hasRoom(for: nodes[2], enrolledUsers: 33_000_000))
        #expect(!machine.hasRoom(for: nodes[2], enrolledUsers: .max))
    }
}
