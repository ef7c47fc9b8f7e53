internal import ArgumentParser
internal import CommandSupport
internal import EdgeStore
internal import FederationGRPC
internal import FederationIdentity
internal import Foundation
internal import Logging

struct JoinCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "join", abstract: "Enrols this node in a federation.",
            discussion: """
                Makes the node's key here (it never leaves this machine) and exchanges the one-time token for a certificate. Repeating the command \
                after a lost answer is safe. The token also carries the fingerprint of the federation's certificate authority, so that nobody else \
                can answer.
                """)
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "The coordinator's enrolment port, as host:port.")
    var coordinator: String
    @Option(name: .long, help: "The one-time token. [environment: TRIBUTARY_EDGE_NODE_TOKEN, which other users of this machine cannot see]")
    var token: String?
    @Option(name: .long, help: "The federation port, when it is not the one the coordinator names.")
    var federationPort: Int?

    func run() async throws {
        try await reportingFailures(exitStatus) {
            guard let text = token ?? ProcessInfo.processInfo.environment["TRIBUTARY_EDGE_NODE_TOKEN"] else {
                throw CommandFailure(.usage, "Give the token with --token or TRIBUTARY_EDGE_NODE_TOKEN; the coordinator's operator makes one with `coordinator token create`.")
            }
            let joinToken = try JoinToken(text: text)
            let endpoint = try Endpoint(coordinator)
            let node = location.node
            if node.identity.holdsNode {
                let identity = try node.identity.node().identity
                throw CommandFailure(.cannotCreate, "\(node.path) belongs to node \(identity.node) of \(identity.federation) already; choose another --directory, or remove its identity folder to enrol anew.")
            }
            _ = try node.storage()
            let key = try node.identity.pendingKey()
            let logger = Logger(label: "edge-node") { LineLogHandler(label: $0, logLevel: .warning) }
            let client = try EnrolmentClient(endpoint: endpoint, token: joinToken, retry: RetryPolicy(attempts: 3), logger: logger)
            let enrolment = try await client.enrol(key: key, aggregationKey: try node.identity.aggregationKey())
            let port = federationPort ?? enrolment.federationPort
            guard (1...65535).contains(port) else {
                throw CommandFailure(.configuration, "The coordinator does not say where its federation port is; repeat with --federation-port.")
            }
            try node.configure(coordinator: Endpoint(host: endpoint.host, port: port))
            try node.identity.finishRequest(enrolment.credentials)
            let identity = enrolment.credentials.identity
            switch output.format {
            case .json:
                StandardStreams.output(
                    try JoinLine(node: identity.node, federation: identity.federation, coordinator: "\(Endpoint(host: endpoint.host, port: port))").jsonLine())
            case .text:
                StandardStreams.output("Joined \(identity.federation) as \(identity.node). Next: `edge-node import FILE`, then `edge-node run`.")
            }
        }
    }
}

private struct JoinLine: Encodable {
    var node: String
    var federation: String
    var coordinator: String
}

extension NodeDirectory {
    /// Writes the coordinator's address into a new commented `edge-node.yaml`, or appends it to one that lacks it.
    fileprivate func configure(coordinator: Endpoint) throws {
        let existing = try SettingsLayer(file: configurationFile)
        if let configured = existing.coordinator {
            guard configured == coordinator.description else {
                throw CommandFailure(.configuration, "\(configurationFile) names the coordinator \(configured), and the one that answered is \(coordinator); mend the file, then repeat.")
            }
            return
        }
        let text: String
        if FileManager.default.fileExists(atPath: configurationFile) {
            text = try String(contentsOfFile: configurationFile, encoding: .utf8) + "\ncoordinator: \"\(coordinator)\"\n"
        } else {
            text = defaultConfiguration(coordinator: coordinator.description)
        }
        do { try text.write(toFile: configurationFile, atomically: true, encoding: .utf8) } catch {
            throw CommandFailure(.cannotCreate, "Cannot write \(configurationFile): \(error.localizedDescription)")
        }
    }
}
