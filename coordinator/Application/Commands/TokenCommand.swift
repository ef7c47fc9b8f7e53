import ArgumentParser
import CommandSupport
import CoordinatorCore
import CoordinatorStore
import Federation
import FederationIdentity

/// `coordinator token …`
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "One-time tokens with which nodes enrol.", subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a token for one node; it is shown once and stored as a hash only.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "Name of the node: 1…63 of a-z 0-9 -.")
        var node: String
        @Option(name: .long, help: "How long the token lives, such as 30m, 24h or 7d.")
        var expires: String = "1h"

        private struct Answer: Encodable { var node: String, token: String, expires: String }

        func run() async throws {
            try await reportingFailures(exitStatus) {
                guard let id = NodeID(node) else { throw CommandFailure(.usage, "`\(node)` is not a node name: use 1…63 of a-z 0-9 -, not beginning with -") }
                guard let lifetime = Duration(abbreviation: expires) else { throw CommandFailure(.usage, "`\(expires)` is not a duration: write for instance 30m, 24h or 7d") }
                let application = try CoordinatorStores(directory.value)
                let now = SystemClock().now
                let token = try JoinToken(node: id.name, rootFingerprint: try directory.value.identityDirectory.authority().fingerprint())
                let record = EnrolmentToken(hash: Digest(token.secretDigest), node: id, createdAt: now, expiresAt: now + lifetime)
                try await application.storage.add(record)
                let expiry = timeStamp(secondsSince1970: Int(record.expiresAt.milliseconds / 1000))
                switch output.format {
                case .json: StandardStreams.output(try Answer(node: node, token: token.text, expires: expiry).jsonLine())
                case .text:
                    StandardStreams.output(token.text)
                    StandardStreams.error("For node \(node), once, until \(expiry). On the node: edge-node join --coordinator HOST:PORT --token TOKEN --directory D")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List tokens by hash.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable { var token: String, node: String, created: String, expires: String, used: String? }

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let rows = try await CoordinatorStores(directory.value).storage.tokens().map { token in
                    Row(token: token.hash.short, node: token.node.name, created: token.createdAt.text, expires: token.expiresAt.text, used: token.usedAt?.text)
                }
                switch output.format {
                case .json: for row in rows { StandardStreams.output(try row.jsonLine()) }
                case .text:
                    var table = TextTable([("token", .left), ("node", .left), ("created", .left), ("expires", .left), ("used", .left)])
                    for row in rows { table.add([row.token, row.node, row.created, row.expires, row.used ?? "–"]) }
                    StandardStreams.output(table.rendered())
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an unused token unusable.")
        @OptionGroup var directory: DirectoryOptions
        @Argument(help: "The token's hash, or its beginning, as `token list` shows it.")
        var token: String

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let storage = try CoordinatorStores(directory.value).storage
                let found = try await storage.tokens().filter { $0.hash.hex.hasPrefix(token.lowercased()) }
                guard found.count == 1, let match = found.first else {
                    throw CommandFailure(.noInput, found.isEmpty ? "no token begins with `\(token)`: see `coordinator token list`" : "\(found.count) tokens begin with `\(token)`: give more digits")
                }
                guard try await storage.revokeToken(match.hash) else {
                    throw CommandFailure(.refused, "the token was used already: revoke the node instead, `coordinator nodes revoke \(match.node)`")
                }
                StandardStreams.output("revoked \(match.hash.short) of \(match.node)")
            }
        }
    }
}

extension WallTime {
    /// In UTC, to the second.
    var text: String { timeStamp(secondsSince1970: Int(milliseconds / 1000)) }
}

extension Duration {
    /// From `90s`, `30m`, `24h` or `7d`.
    init?(abbreviation: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = abbreviation.last.flatMap({ units[$0] }), let count = Int(abbreviation.dropLast()), (1...100_000).contains(count) else { return nil }
        self = .seconds(count * unit)
    }
}
