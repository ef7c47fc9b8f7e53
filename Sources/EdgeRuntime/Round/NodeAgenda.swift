public import Federation

/// Decides what a node does next: events go in, steps come out. It neither waits nor asks anybody; ``NodeRunner`` performs
/// the steps and tells how they went.
public struct NodeAgenda: Sendable, Hashable {
    /// One thing to do; its result is told to the agenda before the next is asked for.
    public enum Step: Sendable, Hashable {
        /// Ask which plan runs, and decide about joining it.
        case considerPlan
        case poll(AssignmentPoll)
        /// Fetch a model version, score it on the held-out events, serve it.
        case adopt(ModelReference)
        case contribute(RoundAssignment)
        /// The plan is over and its last model was adopted: tell whoever watches.
        case announceEnd(Digest)
        case pause(Duration)
        case end(RunEnd)
    }

    /// How considering a plan went.
    public enum PlanVerdict: Sendable, Hashable {
        /// The coordinator has not started a plan yet.
        case none
        case joined(Digest)
        /// A plan that this node joined is over, as far as the coordinator says; it may still be started again.
        case over(Digest)
        /// What ``NodeRunner/run()`` returns if it does not wait for another plan.
        case refused(Digest, RunEnd)
    }

    private enum Standing: Sendable, Hashable {
        case unplanned
        case member(Digest)
        /// The plan is over or was refused; another one is of interest, or this one started again.
        case finished(Digest, RunEnd)
    }

    private let options: NodeOptions
    private var standing = Standing.unplanned
    /// The newest model known here; it is served too unless the options say otherwise.
    private var served: ModelReference?
    private var ahead: [Step] = []
    private var current: Step?
    private var failures = 0
    private var incarnation: Int?

    public init(options: NodeOptions, served: ModelReference? = nil) {
        self.options = options
        self.served = served
    }

    /// The next step; asking again without telling a result gives the next of several planned steps.
    public mutating func next() -> Step {
        let step: Step =
            if !ahead.isEmpty { ahead.removeFirst() } else {
                switch standing {
                case .member(let plan): .poll(AssignmentPoll(plan: plan, knownModel: served?.digest, patience: options.patience))
                case .unplanned, .finished: .considerPlan
                }
            }
        current = step
        return step
    }

    public mutating func considered(_ verdict: PlanVerdict) {
        failures = 0
        switch verdict {
        case .none: ahead = [.pause(idlePause)]
        case .joined(let plan): standing = .member(plan)
        case .over(let plan):
            // Its last model may not have been seen yet: that is what polling a plan that is over gives.
            if case .finished(plan, _) = standing { ahead = [.pause(idlePause)] } else { standing = .member(plan) }
        case .refused(let plan, let end): finish(plan, end)
        }
    }

    public mutating func assigned(_ assignment: Assignment) {
        failures = 0
        guard case .member(let plan) = standing else { return }
        if incarnation != assignment.incarnation {
            // What an older start of the coordinator planned for us is void.
            incarnation = assignment.incarnation
            ahead = []
        }
        if let newest = assignment.newestModel, newest != served {
            if options.servesModels { ahead.append(.adopt(newest)) } else { served = newest }
        }
        switch assignment.work {
        case .wait(let duration): ahead.append(.pause(max(duration, .zero)))
        case .train(let round):
            if options.servesModels, round.model != served, round.model != assignment.newestModel { ahead.append(.adopt(round.model)) }
            ahead.append(.contribute(round))
        case .otherPlan: standing = .unplanned
        case .planEnded:
            ahead.append(.announceEnd(plan))
            finish(plan, .planEnded)
        }
    }

    public mutating func adopted(_ model: ModelReference) {
        failures = 0
        served = model
    }

    public mutating func contributed() { failures = 0 }

    /// A step failed in a way that trying again may mend: the rest of the steps is dropped and asked for anew after a pause that
    /// doubles with every failure in a row.
    /// - Returns: the pause.
    public mutating func failed() -> Duration {
        let doublings = min(failures, 16)
        failures += 1
        let pause = min(options.shortestPause * (1 << doublings), options.longestPause)
        if case .finished = standing {
            // The last model of a plan stays worth having, unless the coordinator has gone for good.
            if case .adopt = current, let current, failures < Self.lastModelAttempts { ahead.insert(current, at: 0) }
            ahead.insert(.pause(pause), at: 0)
        } else {
            ahead = [.pause(pause)]
        }
        return pause
    }

    private static let lastModelAttempts = 8

    private mutating func finish(_ plan: Digest, _ end: RunEnd) {
        let known: Bool = if case .finished(plan, _) = standing { true } else { false }
        standing = .finished(plan, end)
        if options.untilPlanEnds { ahead.append(.end(end)) } else if known { ahead = [.pause(idlePause)] } else { ahead.append(.pause(idlePause)) }
    }

    /// Between questions for a plan when nothing runs.
    private var idlePause: Duration { min(max(options.shortestPause, .seconds(2)), options.longestPause) }
}
