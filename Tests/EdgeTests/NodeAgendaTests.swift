import EdgeRuntime
import Federation
import Testing

@Suite("What a node does next") struct NodeAgendaTests {
    private let plan = Digest(of: [1])
    private let model = ModelReference(round: 3, digest: Digest(of: [2]), byteCount: 10)

    private func member(untilPlanEnds: Bool = false) -> NodeAgenda {
        var agenda = NodeAgenda(options: NodeOptions(patience: .seconds(5), untilPlanEnds: untilPlanEnds))
        #expect(agenda.next() == .considerPlan)
        agenda.considered(.joined(plan))
        return agenda
    }

    @Test("A member polls with the model it serves; a newer one is adopted before training from it")
    func adoptsFirst() {
        var agenda = member()
        #expect(agenda.next() == .poll(AssignmentPoll(plan: plan, knownModel: nil, patience: .seconds(5))))
        let round = RoundAssignment(round: RoundNumber(4), model: model, timeLeft: .seconds(9))
        agenda.assigned(Assignment(work: .train(round), newestModel: model, incarnation: 1))
        #expect(agenda.next() == .adopt(model))
        agenda.adopted(model)
        #expect(agenda.next() == .contribute(round))
        agenda.contributed()
        #expect(agenda.next() == .poll(AssignmentPoll(plan: plan, knownModel: model.digest, patience: .seconds(5))))
    }

    @Test("Pauses double with every failure in a row, up to the longest, and start anew after a success")
    func backoff() {
        var agenda = member()
        #expect((0..<8).map { _ in agenda.failed() }.map(\.milliseconds) == [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000])
        #expect(agenda.next() == .pause(.seconds(30)))
        agenda.assigned(Assignment(work: .wait(.seconds(1)), newestModel: nil, incarnation: 1))
        #expect(agenda.failed() == .milliseconds(500))
    }

    @Test("The last model is adopted before the node ends with its plan")
    func end() {
        var agenda = member(untilPlanEnds: true)
        _ = agenda.next()
        agenda.assigned(Assignment(work: .planEnded, newestModel: model, incarnation: 1))
        #expect(agenda.next() == .adopt(model))
        let pause = agenda.failed()
        #expect(agenda.next() == .pause(pause), "a failed adoption is tried again after a pause")
        #expect(agenda.next() == .adopt(model))
        agenda.adopted(model)
        #expect(agenda.next() == .announceEnd(plan))
        #expect(agenda.next() == .end(.planEnded))
    }

    @Test("Without a plan, and after one that is over, it waits and asks again")
    func idle() {
        var agenda = NodeAgenda(options: NodeOptions())
        _ = agenda.next()
        agenda.considered(.none)
        #expect(agenda.next() == .pause(.seconds(2)))
        #expect(agenda.next() == .considerPlan)
        agenda.considered(.refused(plan, .planRefused("no")))
        #expect(agenda.next() == .pause(.seconds(2)))
        #expect(agenda.next() == .considerPlan)
    }

    @Test("A round is resent, settled, declined or prepared by what is durable")
    func decisions() {
        let round = RoundAssignment(round: RoundNumber(2), model: model, timeLeft: .seconds(1))
        let header = UpdateHeader(plan: plan, round: RoundNumber(2), baseModel: model.digest, payload: Digest(of: [9]), payloadByteCount: 1)
        func decide(_ update: FinishedUpdate?, users: Int = 100, affordable: Bool = true, attempts: Int = 5) -> RoundDecision {
            RoundDecision(
                round, facts: RoundFacts(update: update, eligibleUsers: users, affordable: affordable), minimumUsers: 20, maximumAttempts: attempts)
        }
        let finished = FinishedUpdate(header: header, reservation: 1)
        #expect(decide(nil) == .prepare)
        #expect(decide(finished) == .resend(finished))
        #expect(decide(finished, users: 0, affordable: false) == .resend(finished), "it is paid for already")
        #expect(decide(FinishedUpdate(header: header, reservation: 1, state: .settled(.accepted))) == .alreadySettled(.accepted))
        var other = header
        other.baseModel = Digest(of: [3])
        #expect(decide(FinishedUpdate(header: other, reservation: 1, state: .sending)) == .decline(.trainingFailed), "one release per round")
        #expect(decide(nil, users: 19) == .decline(.tooFewUsers))
        #expect(decide(nil, affordable: false) == .decline(.budgetExhausted))
        #expect(decide(nil, attempts: 1) == .decline(.budgetExhausted))
    }

    @Test("A plan that was stopped is attended again when it is started again")
    func resumed() {
        var agenda = member()
        _ = agenda.next()
        agenda.assigned(Assignment(work: .planEnded, newestModel: nil, incarnation: 1))
        #expect(agenda.next() == .announceEnd(plan))
        guard case .pause = agenda.next() else { return #expect(Bool(false), "a pause comes first") }
        #expect(agenda.next() == .considerPlan)
        agenda.considered(.over(plan))
        guard case .pause = agenda.next() else { return #expect(Bool(false), "still over: it waits") }
        #expect(agenda.next() == .considerPlan)
        agenda.considered(.joined(plan))
        guard case .poll = agenda.next() else { return #expect(Bool(false), "started again: it asks for work") }
    }
}
