public import ArgumentParser
internal import CommandSupport

/// The command line of an edge node.
public struct EdgeNodeCommand: AsyncParsableCommand {
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "edge-node",
            abstract: "Takes part in a federation with the events of one data silo, which never leave it, and serves recommendations.",
            discussion: """
                Everything a node has lies in one directory (--directory, or TRIBUTARY_EDGE_NODE_DIRECTORY, or the current one). Settings are taken \
                from flags, then the environment, then edge-node.yaml in that directory, then defaults; unknown keys are errors.

                \(ExitStatus.help)
                """,
            subcommands: [
                JoinCommand.self, ImportCommand.self, RunCommand.self, RecommendCommand.self, PrivacyCommand.self, EvaluateCommand.self,
                ReportCommand.self, ItemsCommand.self, ForgetCommand.self, StatusCommand.self,
            ])
    }
    public init() {}
}

extension ExitStatus {
    /// The list that `--help` shows.
    static var help: String {
        "Exit codes: "
            + [
                "0 done", "1 failed", "64 wrong usage", "65 malformed input", "66 no such input", "69 unavailable or port in use", "70 internal error",
                "73 cannot create", "74 input/output failed, disk full", "77 refused", "78 configuration or an earlier step is missing",
                "79 privacy budget exhausted",
            ].joined(separator: ", ") + "."
    }
}
