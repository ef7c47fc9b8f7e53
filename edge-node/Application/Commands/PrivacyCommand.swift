internal import ArgumentParser
internal import CommandSupport
internal import DifferentialPrivacy
internal import EdgeRuntime
internal import EdgeStore
internal import Federation

struct PrivacyCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "privacy", abstract: "Shows the privacy ledger: what was spent on this node's users, and what is left.",
            discussion: "Unit: one user with all events. Neighbouring relation: add or remove one user. ε is recomputed from the recorded mechanisms at the budget's δ.")
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var budget: BudgetOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "List every entry.")
    var entries = false

    func run() async throws {
        try await reportingFailures(exitStatus) {
            var flags = SettingsLayer()
            budget.fill(&flags)
            let policy = try location.settings(flags).budget
            let storage = try location.node.existingStorage()
            let ledger = try PrivacyLedger(
                budget: PrivacyBudget(epsilon: policy.epsilon, delta: policy.delta), entries: try await storage.ledgerEntries())
            var names: [String: String] = [:]
            for plan in ledger.plans {
                if let digest = Digest(hex: plan), let membership = try await storage.membership(of: digest) {
                    names[plan] = try Plan(encoded: membership.encodedPlan).name
                }
            }
            try show(ledger, names)
        }
    }

    private func show(_ ledger: PrivacyLedger, _ names: [String: String]) throws {
        let spent = try ledger.spent()
        let lines = try ledger.plans.map { plan in
            let own = ledger.entries.filter { $0.plan == plan }
            return PlanLine(
                plan: plan, name: names[plan], epsilon: try ledger.spent(by: plan).epsilon, reserved: own.count { $0.state == .reserved },
                sent: own.count { $0.state == .sent }, cancelled: own.count { $0.state == .cancelled })
        }
        let left = max(0, ledger.budget.epsilon - spent.epsilon)
        switch output.format {
        case .json:
            StandardStreams.output(
                try Summary(
                    budget: ledger.budget.epsilon, delta: ledger.budget.delta, spent: spent.epsilon, left: left, mu: spent.mu,
                    accountant: spent.accountant.rawValue, plans: lines
                ).jsonLine())
            if entries { for line in try entryLines(ledger) { StandardStreams.output(try line.jsonLine()) } }
        case .text:
            var table = TextTable([("plan", .left), ("name", .left), ("sent", .right), ("reserved", .right), ("cancelled", .right), ("ε", .right)])
            for line in lines {
                table.add([String(line.plan.prefix(12)), line.name ?? "", "\(line.sent)", "\(line.reserved)", "\(line.cancelled)", decimal(line.epsilon, 3)])
            }
            StandardStreams.output(table.rendered())
            StandardStreams.output(
                "spent ε = \(decimal(spent.epsilon, 3)) of \(decimal(ledger.budget.epsilon, 3)) at δ = \(ledger.budget.delta) (left \(decimal(left, 3))), by the \(spent.accountant.rawValue) accountant; user level, add/remove of one user")
            if entries {
                var table = TextTable([
                    ("entry", .right), ("plan", .left), ("round", .right), ("state", .left), ("σ/C", .right), ("q", .right), ("ε of the plan so far", .right),
                ])
                for line in try entryLines(ledger) {
                    table.add([
                        "\(line.entry)", String(line.plan.prefix(12)), "\(line.round)", line.state, decimal(line.noiseMultiplier, 4), decimal(line.samplingRate, 4),
                        decimal(line.epsilonAfter, 4),
                    ])
                }
                StandardStreams.output(table.rendered())
            }
        }
    }

    /// Every entry with what its plan had cost when it was the last one.
    private func entryLines(_ ledger: PrivacyLedger) throws -> [EntryLine] {
        try ledger.entries.indices.map { index in
            let entry = ledger.entries[index]
            let prefix = try PrivacyLedger(budget: ledger.budget, entries: Array(ledger.entries[...index]))
            return EntryLine(
                entry: Int(entry.sequence), plan: entry.plan, round: Int(entry.round), state: entry.state.rawValue, noiseMultiplier: entry.event.noiseMultiplier,
                samplingRate: entry.event.samplingRate, epsilonAfter: try prefix.spent(by: entry.plan).epsilon)
        }
    }
}

private struct EntryLine: Encodable {
    var entry: Int
    var plan: String
    var round: Int
    var state: String
    var noiseMultiplier: Double
    var samplingRate: Double
    /// ε of the plan's entries up to this one, at the budget's δ.
    var epsilonAfter: Double
}

private struct PlanLine: Encodable {
    var plan: String
    var name: String?
    var epsilon: Double
    var reserved: Int
    var sent: Int
    var cancelled: Int
}

private struct Summary: Encodable {
    var budget: Double
    var delta: Double
    var spent: Double
    var left: Double
    var mu: Double
    var accountant: String
    var plans: [PlanLine]
}
