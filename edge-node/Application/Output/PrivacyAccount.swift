internal import CommandSupport
internal import DifferentialPrivacy
internal import EdgeRuntime
internal import Federation

/// What `edge-node privacy` shows.
struct PrivacyAccount {
    struct Chain: Encodable {
        var lines: Int
        var head: String
        var isIntact: Bool
        var problem: String?
    }
    struct PlanLine: Encodable {
        var plan: String
        var name: String?
        /// The claim: of users who took part from the first round on.
        var epsilon: Double
        var reserved: Int
        var sent: Int
        var cancelled: Int
    }
    /// Users who began with the same entry pay the same.
    struct ClassLine: Encodable {
        var firstEntry: Int
        var users: Int
        /// Rounds charged to them over all plans.
        var rounds: Int
        var epsilon: Double
        /// ε per plan, by digest.
        var plans: [String: Double]
    }
    struct EntryLine: Encodable {
        var entry: Int
        var plan: String
        var round: Int
        var state: String
        var noiseMultiplier: Double
        var samplingRate: Double
        /// ε of the plan's entries up to this one, at the budget's δ.
        var epsilonAfter: Double
    }
    struct Period: Encodable {
        var days: Double
        var epsilon: Double
        var spent: Double
    }
    struct Summary: Encodable {
        var budget: Double
        var delta: Double
        /// The maximum over users.
        var spent: Double
        var left: Double
        var mu: Double
        var accountant: String
        var period: Period?
        var chain: Chain
        var plans: [PlanLine]
        var classes: [ClassLine]
    }
    var summary: Summary
    var entries: [EntryLine]

    init(_ ledger: PrivacyLedger, names: [String: String], classes: [UserClass], chain: Chain, now: WallTime, withEntries: Bool) throws {
        let spent = try ledger.spent()
        let plans = try ledger.plans.map { plan in
            let own = ledger.entries.filter { $0.plan == plan }
            return PlanLine(
                plan: plan, name: names[plan], epsilon: try ledger.spent(by: plan).epsilon, reserved: own.count { $0.state == .reserved },
                sent: own.count { $0.state == .sent }, cancelled: own.count { $0.state == .cancelled })
        }
        let classLines = try Self.merged(classes).map { group in
            ClassLine(
                firstEntry: group.firstEntry, users: group.users, rounds: ledger.entries.count { $0.isCharged && $0.sequence >= group.firstEntry },
                epsilon: try ledger.spent(since: group.firstEntry).epsilon,
                plans: try Dictionary(uniqueKeysWithValues: ledger.plans.map { ($0, try ledger.spent(since: group.firstEntry, by: $0).epsilon) }))
        }
        let period = try ledger.budget.period.map { period in
            Period(
                days: Double(period.milliseconds) / 86_400_000, epsilon: period.epsilon,
                spent: try ledger.spentInPeriod(at: now.milliseconds)?.epsilon ?? 0)
        }
        summary = Summary(
            budget: ledger.budget.epsilon, delta: ledger.budget.delta, spent: spent.epsilon, left: max(0, ledger.budget.epsilon - spent.epsilon),
            mu: spent.mu, accountant: spent.accountant.rawValue, period: period, chain: chain, plans: plans, classes: classLines)
        entries = withEntries ? try Self.lines(ledger) : []
    }

    private static let mostClasses = 12

    /// The classes as they are, or the last ones as one from the earliest of their entries on, which is the most any of them paid.
    private static func merged(_ classes: [UserClass]) -> [UserClass] {
        guard classes.count > mostClasses else { return classes }
        let rest = classes[(mostClasses - 1)...]
        return classes.prefix(mostClasses - 1) + [UserClass(firstEntry: rest[mostClasses - 1].firstEntry, users: rest.reduce(0) { $0 + $1.users })]
    }

    /// Every entry with what its plan had cost when it was the last one.
    private static func lines(_ ledger: PrivacyLedger) throws -> [EntryLine] {
        try ledger.entries.indices.map { index in
            let entry = ledger.entries[index]
            let prefix = try PrivacyLedger(budget: ledger.budget, entries: Array(ledger.entries[...index]))
            return EntryLine(
                entry: entry.sequence, plan: entry.plan, round: entry.round, state: entry.state.rawValue, noiseMultiplier: entry.event.noiseMultiplier,
                samplingRate: entry.event.samplingRate, epsilonAfter: try prefix.spent(by: entry.plan).epsilon)
        }
    }
}

extension PrivacyAccount {
    func jsonLines() throws -> [String] { [try summary.jsonLine()] + (try entries.map { try $0.jsonLine() }) }

    func text() -> String {
        var plans = TextTable([("plan", .left), ("name", .left), ("sent", .right), ("reserved", .right), ("cancelled", .right), ("ε", .right)])
        for line in summary.plans {
            plans.add([String(line.plan.prefix(12)), line.name ?? "", "\(line.sent)", "\(line.reserved)", "\(line.cancelled)", decimal(line.epsilon, 3)])
        }
        var parts = [
            plans.rendered(),
            "spent ε = \(decimal(summary.spent, 3)) of \(decimal(summary.budget, 3)) at δ = \(summary.delta) (left \(decimal(summary.left, 3))), by the \(summary.accountant) accountant; user level, add/remove of one user",
        ]
        if let period = summary.period {
            parts.append("in the last \(decimal(period.days, 1)) days ε = \(decimal(period.spent, 3)) of \(decimal(period.epsilon, 3))")
        }
        if summary.classes.count > 1 {
            var classes = TextTable([("users", .right), ("since entry", .right), ("rounds", .right), ("ε", .right)])
            for line in summary.classes { classes.add(["\(line.users)", "\(line.firstEntry)", "\(line.rounds)", decimal(line.epsilon, 3)]) }
            parts.append("who joined later pays for fewer rounds; the claim is the maximum\n" + classes.rendered())
        }
        let chain = summary.chain
        parts.append(chain.isIntact ? "ledger: \(chain.lines) lines, chain verified, head \(chain.head.prefix(12))" : "ledger: NOT INTACT")
        if !entries.isEmpty {
            var table = TextTable([
                ("entry", .right), ("plan", .left), ("round", .right), ("state", .left), ("σ/C", .right), ("q", .right), ("ε of the plan so far", .right),
            ])
            for line in entries {
                table.add([
                    "\(line.entry)", String(line.plan.prefix(12)), "\(line.round)", line.state, decimal(line.noiseMultiplier, 4), decimal(line.samplingRate, 4),
                    decimal(line.epsilonAfter, 4),
                ])
            }
            parts.append(table.rendered())
        }
        return parts.joined(separator: "\n")
    }
}
