import ArgumentParser
import CommandSupport
import CoordinatorCore
import CoordinatorStore
import Federation

/// `coordinator nodes …`
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "The nodes that hold certificates of this federation.", subcommands: [List.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List nodes and their certificates.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable { var node: String, serial: String, enrolled: String, revoked: String? }

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let rows = try await CoordinatorStores(directory.value).storage.enrolledNodes().map { node in
                    Row(node: node.node.name, serial: node.certificateSerial, enrolled: node.enrolledAt.text, revoked: node.revokedAt?.text)
                }
                switch output.format {
                case .json: for row in rows { StandardStreams.output(try row.jsonLine()) }
                case .text:
                    var table = TextTable([("node", .left), ("certificate", .left), ("enrolled", .left), ("revoked", .left)])
                    for row in rows { table.add([row.node, row.serial, row.enrolled, row.revoked ?? "–"]) }
                    StandardStreams.output(table.rendered())
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a node from now on: its certificates, its unused tokens and its name.",
            discussion: "A running server refuses the node's next request; what it contributed to published models stays in them.")
        @OptionGroup var directory: DirectoryOptions
        @Argument(help: "Name of the node.")
        var node: String

        func run() async throws {
            try await reportingFailures(exitStatus) {
                guard let id = NodeID(node) else { throw CommandFailure(.usage, "`\(node)` is not a node name") }
                try await CoordinatorStores(directory.value).storage.revoke(id, at: SystemClock().now)
                StandardStreams.output("revoked \(node)")
            }
        }
    }
}
