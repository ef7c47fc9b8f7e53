internal import ArgumentParser
internal import CommandSupport
internal import DifferentialPrivacy
internal import EdgeRuntime
internal import EdgeStore
internal import Federation
internal import FederationGRPC
internal import FederationIdentity
internal import Foundation

struct StatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "status", abstract: "Shows the node's identity, events, plan, model and budget.")
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let settings = try location.settings()
            let storage = try location.node.existingStorage()
            let events = try await storage.eventStatistics()
            let credentials = location.node.identity.holdsNode ? try location.node.identity.node() : nil
            let membership = try await storage.currentMembership()
            let served = try await storage.servedModel()
            let ledger = try PrivacyLedger(
                budget: settings.budget.budget(), entries: try await storage.ledgerEntries())
            let status = NodeStatus(
                node: credentials?.identity.node, federation: credentials?.identity.federation, coordinator: settings.coordinator?.description,
                certificateExpires: credentials.map { timeStamp(secondsSince1970: Int($0.expiryTime.timeIntervalSince1970)) },
                users: events.users, items: events.items, events: events.events, plan: membership?.plan.hex,
                planName: try membership.map { try Plan(encoded: $0.encodedPlan).name }, planState: membership.map { Self.text($0.state) },
                modelRound: served?.model.round, model: served?.model.digest.hex, spentEpsilon: try ledger.spent().epsilon, budgetEpsilon: ledger.budget.epsilon)
            switch output.format {
            case .json: StandardStreams.output(try status.jsonLine())
            case .text: for line in status.lines { StandardStreams.output(line) }
            }
        }
    }

    private static func text(_ state: PlanMembership.State) -> String {
        switch state {
        case .joined: "joined"
        case .ended: "ended"
        case .refused(let reason): "refused: \(reason)"
        }
    }
}

private struct NodeStatus: Encodable {
    var node: String?
    var federation: String?
    var coordinator: String?
    var certificateExpires: String?
    var users: Int
    var items: Int
    var events: Int
    var plan: String?
    var planName: String?
    var planState: String?
    var modelRound: Int?
    var model: String?
    var spentEpsilon: Double
    var budgetEpsilon: Double

    var lines: [String] {
        [
            "node         \(node.map { "\($0) of \(federation ?? "?"), certificate valid until \(certificateExpires ?? "?")" } ?? "not joined yet: `edge-node join`")",
            "coordinator  \(coordinator ?? "not configured")",
            "events       \(events) of \(users) users with \(items) items",
            "plan         \(plan.map { "\(planName ?? "") (\($0.prefix(12))), \(planState ?? "")" } ?? "none yet")",
            "model        \(model.map { "round \(modelRound ?? 0) (\($0.prefix(12)))" } ?? "none yet")",
            "privacy      ε = \(decimal(spentEpsilon, 3)) of \(decimal(budgetEpsilon, 3)) spent",
        ]
    }
}
