import CommandSupport
import FoundationEssentials

/// A coordinator and its nodes as processes, from certificate authority to the end of a plan.
struct DemoFederation: Sendable {
    var coordinator: Tool
    var edgeNode: Tool
    var directory: String
    var data: DemoData

    var home: String { directory + "/coordinator" }
    func home(of node: DemoData.Node) -> String { directory + "/" + node.name }

    private struct Ports: Decodable { var enrolment: Int, federation: Int }
    private struct Token: Decodable { var token: String }
    private struct Started: Decodable { var plan: String }

    /// Makes the certificate authority and imports the catalog.
    func initialise() async throws {
        try await coordinator.run(["init", "--directory", home, "--name", "demo"])
        try await coordinator.run(["catalog", "import", data.catalog, "--directory", home])
    }

    /// Runs the body while the coordinator serves.
    func withCoordinator<Value: Sendable>(_ body: @escaping @Sendable (_ enrolmentPort: Int) async throws -> Value) async throws -> Value {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        return try await withServer({
            defer { continuation.finish() }
            try await coordinator.serve(
                ["serve", "--directory", home, "--host", "127.0.0.1", "--federation-port", "0", "--enrolment-port", "0", "--format", "json"],
                log: directory + "/coordinator.log"
            ) { line in
                if let ports = try? JSONDecoder().decode(Ports.self, from: Data(line.utf8)) { continuation.yield(ports.enrolment) }
            }
        }) {
            guard let port = await ports.first(where: { _ in true }) else {
                throw CommandFailure(.unavailable, "the coordinator did not start; its log is \(directory)/coordinator.log")
            }
            return try await body(port)
        }
    }

    /// Enrols the node with a one-time token and imports its events.
    func enrol(_ node: DemoData.Node, port: Int) async throws {
        guard let token = try await coordinator.values(Token.self, ["token", "create", "--node", node.name, "--directory", home, "--format", "json"]).first else {
            throw CommandFailure(.internalError, "coordinator token create printed nothing")
        }
        try await edgeNode.run(["join", "--coordinator", "127.0.0.1:\(port)", "--token", token.token, "--directory", home(of: node)])
        try await edgeNode.run(["import"] + node.importArguments + ["--directory", home(of: node)])
    }

    /// Starts the plan and returns its digest.
    func start(_ yaml: String, named name: String) async throws -> String {
        let file = directory + "/" + name + ".yaml"
        try Data(yaml.utf8).write(to: URL(filePath: file))
        guard let started = try await coordinator.values(Started.self, ["plan", "start", file, "--directory", home, "--format", "json"]).first else {
            throw CommandFailure(.internalError, "coordinator plan start printed nothing")
        }
        return started.plan
    }

    /// Runs all nodes until each said that the plan is over.
    func attend(_ record: DemoRecord, mode: String, epsilon: Double, delta: Double) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (over, finish) = AsyncStream.makeStream(of: Void.self)
            for node in data.nodes {
                group.addTask {
                    try await edgeNode.serve(
                        [
                            "run", "--directory", home(of: node), "--listen", "off", "--format", "json", "--allow-mode", mode, "--epsilon", "\(epsilon)",
                            "--delta", "\(delta)", "--workers", "1", "--minimum-users", "1",
                        ], log: "\(directory)/\(node.name).log"
                    ) { line in
                        guard let fact = try? JSONDecoder().decode(NodeLine.self, from: Data(line.utf8)) else { return }
                        await record.take(fact, from: node.name)
                        if let refusal = await record.refusals.first { throw CommandFailure(.refused, "a node refused the plan: \(refusal)") }
                        if await record.isOver { finish.finish() }
                    }
                }
            }
            group.addTask {
                for await _ in over {}
                try Task.checkCancellation()
                throw DemoOver()
            }
            do { while try await group.next() != nil {} } catch is DemoOver {}
            group.cancelAll()
            // The nodes are asked to stop and end one by one; how they end no longer matters.
            while await group.nextResult() != nil {}
        }
    }
}

/// Ends a group of tasks without being a failure.
private struct DemoOver: Error {}

/// Runs a body beside a server, which is stopped when the body ends; the server's own failure ends both.
func withServer<Value: Sendable>(_ serve: @escaping @Sendable () async throws -> Void, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await serve()
            return nil
        }
        group.addTask { try await body() }
        var value: Value?
        while let finished = try await group.next() {
            if let finished {
                value = finished
                group.cancelAll()
            }
        }
        guard let value else { throw CancellationError() }
        return value
    }
}
