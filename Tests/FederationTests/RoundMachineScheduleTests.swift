import Federation
import SeededRandom
import Testing

/// Any order of events leaves the books in order.
@Suite("Round machine under any schedule")
struct RoundMachineScheduleTests {
    let nodes = ["a", "b", "c", "d", "e"].compactMap { NodeID($0) }

    /// What an owner would have recorded.
    struct Books {
        var opened: [RoundOpening] = []
        var accepted: [RoundNumber: [AcceptedUpdate]] = [:]
        var declined: [RoundNumber: Set<NodeID>] = [:]
        var withdrawn: Set<NodeID> = []
        var joined: [NodeID: Int] = [:]
        var closed: Set<RoundNumber> = []
        var published: [ModelReference] = []
        var abandoned: Set<RoundNumber> = []
        var outcome: PlanOutcome?

        mutating func record(_ action: RoundAction, plan: Plan) {
            switch action {
            case .open(let opening):
                #expect(outcome == nil && opening.round.value == opened.count + 1, "rounds are numbered one after the other")
                #expect(published.count + abandoned.count == opened.count, "one round at a time")
                #expect(opening.cohort.count >= plan.selection.minimumCohort && withdrawn.isDisjoint(with: opening.cohort))
                opened.append(opening)
            case .accept(let update, let round):
                #expect(!closed.contains(round) && !abandoned.contains(round) && opened[round.value - 1].cohort.contains(update.node))
                #expect(!(accepted[round] ?? []).contains { $0.node == update.node }, "nobody counts twice")
                accepted[round, default: []].append(update)
            case .recordDecline(let node, _, let round): declined[round, default: []].insert(node)
            case .recordWithdrawal(let node, _): withdrawn.insert(node)
            case .closeCollection(let round):
                #expect((accepted[round] ?? []).count >= plan.selection.quorum, "never aggregated below the quorum")
                closed.insert(round)
            case .aggregate(let round): #expect(closed.contains(round))
            case .publish(let model, let round):
                #expect(closed.contains(round) && model.round == round.value && !abandoned.contains(round))
                published.append(model)
            case .abandon(let round, _):
                #expect(!published.contains { $0.round == round.value })
                abandoned.insert(round)
            case .endPlan(let outcome):
                #expect(self.outcome == nil)
                self.outcome = outcome
            }
        }

        var history: RoundMachine.History {
            let open = opened.last.flatMap { last in
                published.contains { $0.round == last.round.value } || abandoned.contains(last.round)
                    ? nil
                    : RoundMachine.OpenRound(
                        opening: last, updates: accepted[last.round] ?? [], declined: declined[last.round] ?? [], isAggregating: closed.contains(last.round))
            }
            return RoundMachine.History(
                joined: joined, withdrawn: withdrawn, newestModel: published.last ?? ModelReference(round: 0, digest: Digest(of: [0]), byteCount: 1),
                publishedRounds: published.count, attempts: opened.count, openRound: open)
        }
    }

    @Test("no double count, nothing below the quorum, rounds one after the other, over restarts too", arguments: 0..<60)
    func schedules(_ seed: Int) {
        var stream = RandomStream(seed: UInt64(seed), "schedule")
        let minimum = 1 + stream.below(4)
        let rule: SelectionPlan.Rule = stream.bernoulli(0.5) ? .all : .uniform(count: minimum)
        let selection = SelectionPlan(
            rule: rule, overSelection: rule == .all ? 1 : 1.5, minimumCohort: minimum, quorum: 1 + stream.below(minimum), deadlineSeconds: 20,
            gatherSeconds: stream.below(3))
        let plan = Plan.example(selection: selection, rounds: 4, maximumAttempts: 8)
        var machine = RoundMachine(plan: plan, payloadByteCount: 8, initialModel: ModelReference(round: 0, digest: Digest(of: [0]), byteCount: 1))
        var books = Books()
        var now = WallTime(milliseconds: 0)
        func round() -> RoundNumber { RoundNumber(max(1, machine.attempts - (stream.bernoulli(0.1) ? 1 : 0))) }
        for _ in 0..<400 {
            now = now + .milliseconds(stream.below(1500))
            let node = nodes[stream.below(nodes.count)]
            let event: RoundEvent
            switch stream.below(100) {
            case 0..<10:
                event = .joined(node, enrolledUsers: 10)
                books.joined[node] = 10
            case 10..<30: event = .seen(node)
            case 30..<62:
                let payload = Digest(of: [UInt8(stream.below(3))])
                event = .updateArrived(AcceptedUpdate(node: node, payload: payload, byteCount: 8, report: nil, acceptedAt: now), round())
            case 62..<68: event = .declined(node, round(), DeclineReason.allCases[2 + stream.below(2)])
            case 68: event = .declined(node, round(), .budgetExhausted)
            case 69..<80: event = .tick
            case 80..<94: event = .aggregated(round(), ModelReference(round: machine.attempts, digest: Digest(of: [1]), byteCount: 1))
            case 94..<96: event = .aggregationFailed(round(), .noWeight)
            default:
                if books.outcome == nil {
                    let (restored, actions) = RoundMachine.restored(plan: plan, payloadByteCount: 8, history: books.history, at: now)
                    #expect(restored.attempts == machine.attempts && restored.openRound == machine.openRound)
                    machine = restored
                    #expect(actions.count <= 1)
                }
                event = .tick
            }
            if case .updateArrived(let update, _) = event, books.joined[update.node] == nil { continue }
            for action in machine.handle(event, at: now) { books.record(action, plan: plan) }
            #expect(books.opened.count <= plan.maximumAttempts && books.published.count <= plan.rounds)
            if books.outcome == .finished { #expect(books.published.count == plan.rounds) }
        }
        #expect(machine.handle(.stopRequested, at: now).isEmpty == (books.outcome != nil))
    }
}
