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
            let ledger = try PrivacyLedger(budget: policy.budget(), entries: try await storage.ledgerEntries())
            var names: [String: String] = [:]
            for plan in ledger.plans {
                if let digest = Digest(hex: plan), let membership = try await storage.membership(of: digest) {
                    names[plan] = try Plan(encoded: membership.encodedPlan).name
                }
            }
            let account = try PrivacyAccount(
                ledger, names: names, classes: try await storage.userClasses(), chain: try await chain(of: storage), now: SystemClock().now, withEntries: entries)
            switch output.format {
            case .json: for line in try account.jsonLines() { StandardStreams.output(line) }
            case .text: StandardStreams.output(account.text())
            }
            guard account.summary.chain.isIntact else { throw CommandFailure(.dataError, account.summary.chain.problem ?? "the ledger is damaged") }
        }
    }

    /// Whether the ledger is what was written, as far as this directory can tell.
    private func chain(of storage: any NodeStorage) async throws -> PrivacyAccount.Chain {
        let lines = try await storage.ledgerLines()
        let head = try await storage.ledgerHead()
        do {
            try LedgerChain.verify(lines)
            if let receipt = try await storage.ledgerReceipt() {
                try LedgerChain.verify(receipt, isPartOf: lines, accordingTo: "the receipt in the node's directory")
            }
            return PrivacyAccount.Chain(lines: head.count, head: head.hash.hex, isIntact: true, problem: nil)
        } catch let error as PrivacyError {
            return PrivacyAccount.Chain(lines: head.count, head: head.hash.hex, isIntact: false, problem: error.message)
        }
    }
}
