internal import ArgumentParser
internal import CommandSupport
internal import Foundation

/// The option every command has.
struct DirectoryOptions: ParsableArguments {
    @Option(name: .long, help: "The node's directory. [environment: TRIBUTARY_EDGE_NODE_DIRECTORY; default: the current one]")
    var directory: String?

    var node: NodeDirectory {
        NodeDirectory(path: directory ?? ProcessInfo.processInfo.environment["TRIBUTARY_EDGE_NODE_DIRECTORY"] ?? ".")
    }

    /// Settings with the given flags on top.
    func settings(_ flags: SettingsLayer = SettingsLayer()) throws -> NodeSettings {
        try NodeSettings([
            flags, SettingsLayer(environment: ProcessInfo.processInfo.environment), SettingsLayer(file: node.configurationFile),
        ])
    }
}

/// The budget as flags.
struct BudgetOptions: ParsableArguments {
    @Option(name: .long, help: "ε that may be spent on this node's users over all plans.")
    var epsilon: Double?
    @Option(name: .long, help: "δ at which ε is stated.")
    var delta: Double?
    @Option(name: .long, help: "Stay out of plans with fewer eligible users than this.")
    var minimumUsers: Int?
    @Option(name: .customLong("allow-mode"), help: "A privacy mode that may be joined: local, distributed, central or off. May be repeated; replaces the configured list.")
    var allowedModes: [String] = []

    func fill(_ layer: inout SettingsLayer) {
        layer.epsilon = epsilon
        layer.delta = delta
        layer.minimumUsers = minimumUsers
        layer.allowedModes = allowedModes.isEmpty ? nil : allowedModes
    }
}
