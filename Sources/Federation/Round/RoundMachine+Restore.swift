extension RoundMachine {
    /// What was recorded of a plan before the owner stopped.
    public struct History: Sendable, Hashable {
        /// Enrolled users by node, and the nodes that withdrew.
        public var joined: [NodeID: Int]
        public var withdrawn: Set<NodeID>
        public var newestModel: ModelReference
        public var publishedRounds: Int
        /// Rounds opened.
        public var attempts: Int
        /// The last round, if it is neither published nor abandoned.
        public var openRound: OpenRound?

        public init(
            joined: [NodeID: Int], withdrawn: Set<NodeID>, newestModel: ModelReference, publishedRounds: Int, attempts: Int, openRound: OpenRound?
        ) {
            self.joined = joined
            self.withdrawn = withdrawn
            self.newestModel = newestModel
            self.publishedRounds = publishedRounds
            self.attempts = attempts
            self.openRound = openRound
        }
    }

    /// A round that was going on.
    public struct OpenRound: Sendable, Hashable {
        public var opening: RoundOpening
        public var updates: [AcceptedUpdate]
        public var declined: Set<NodeID>
        /// Whether its collection was recorded as closed.
        public var isAggregating: Bool
        public init(opening: RoundOpening, updates: [AcceptedUpdate], declined: Set<NodeID>, isAggregating: Bool) {
            self.opening = opening
            self.updates = updates
            self.declined = declined
            self.isAggregating = isAggregating
        }
    }

    /// Nodes get at least so much time, or the plan's whole deadline if shorter, after a restart: they may have been kept waiting.
    public static let graceAfterRestart = Duration.seconds(30)

    /// Continues a plan where it was recorded to be. Nobody counts as present before asking for work.
    /// - Returns: the machine, and what it was about to do.
    public static func restored(plan: Plan, payloadByteCount: Int, history: History, at now: WallTime) -> (RoundMachine, [RoundAction]) {
        var machine = RoundMachine(plan: plan, payloadByteCount: payloadByteCount, initialModel: history.newestModel)
        for (node, users) in history.joined {
            machine.members[node] = Member(enrolledUsers: users, isPresent: false, hasWithdrawn: history.withdrawn.contains(node))
        }
        machine.publishedRounds = history.publishedRounds
        machine.attempts = history.attempts
        guard let open = history.openRound else { return (machine, []) }
        // What masks a sum was in memory only: without the sum itself nothing can be published, which the owner finds out.
        if open.isAggregating {
            machine.phase = .aggregating(Aggregating(opening: open.opening, updates: open.updates))
            return (machine, [.aggregate(open.opening.round)])
        }
        var collecting = Collecting(opening: open.opening)
        open.updates.forEach { collecting.accept($0) }
        open.declined.forEach { collecting.decline($0) }
        collecting.deadline = max(collecting.deadline, now + min(graceAfterRestart, .seconds(plan.selection.deadlineSeconds)))
        machine.phase = .collecting(collecting)
        return (machine, [])
    }

    /// Makes it the machine of a plan that was recorded as ended.
    public mutating func end(as outcome: PlanOutcome) { phase = .ended(outcome) }
}
