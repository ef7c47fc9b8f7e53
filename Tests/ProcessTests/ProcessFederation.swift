import Foundation
import Subprocess
import TestSupport

/// A federation of real processes in a folder of its own.
struct ProcessFederation: Sendable {
    /// Which executables run.
    enum Build: Sendable {
        /// What users get.
        case shipped
        /// The same commands with seeded noise and named deaths.
        case underTest
        var coordinator: String { self == .shipped ? "coordinator" : "coordinator-under-test" }
        var node: String { self == .shipped ? "edge-node" : "edge-node-under-test" }
    }
    struct Ports: Sendable, Codable {
        var enrolment: Int
        var federation: Int
    }
    struct Status: Sendable, Decodable {
        struct Round: Sendable, Decodable {
            var round: Int
            var state: String
            var reason: String?
            var model: String?
            var updates: Int
        }
        var state: String
        var model: String?
        var records: [Round]
    }
    struct Ledger: Sendable, Decodable, Equatable {
        struct Plan: Sendable, Decodable, Equatable {
            var reserved: Int
            var sent: Int
            var cancelled: Int
        }
        var plans: [Plan]
    }
    static let noiseSeed: UInt64 = 11

    let launcher: ProcessLauncher
    let root: URL
    var build = Build.shipped

    var coordinatorDirectory: String { root.appending(path: "coordinator").plainPath }
    func directory(of node: String) -> String { root.appending(path: node).plainPath }

    private func environment(_ extra: [String: String]) -> [String: String] {
        build == .shipped ? extra : extra.merging(["TEST_NOISE_SEED": "\(Self.noiseSeed)"]) { first, _ in first }
    }

    // MARK: Commands

    /// Runs a coordinator command that must succeed.
    @discardableResult
    func coordinator(_ arguments: String...) async throws -> String {
        let result = try await launcher.run(build.coordinator, arguments + ["--directory", coordinatorDirectory])
        guard result.exitCode == 0 else { throw RunningProcess.Failure(description: "\(result)") }
        return result.output
    }

    /// Runs a node's command and returns how it went.
    func node(_ node: String, _ arguments: [String]) async throws -> FinishedProcess {
        try await launcher.run(build.node, arguments + ["--directory", directory(of: node)])
    }

    /// Runs a node's command that must succeed.
    @discardableResult
    func succeed(_ node: String, _ arguments: String...) async throws -> String {
        let result = try await self.node(node, arguments)
        guard result.exitCode == 0 else { throw RunningProcess.Failure(description: "\(result)") }
        return result.output
    }

    func initialise(catalog: String) async throws {
        try await coordinator("init", "--name", "acme")
        let file = root.appending(path: "items.csv")
        try catalog.write(to: file, atomically: true, encoding: .utf8)
        try await coordinator("catalog", "import", file.plainPath)
    }

    /// Starts the server and waits until its ports are open.
    /// - Parameter ports: those of an earlier start; `nil` lets the system choose.
    func serve(_ ports: Ports? = nil, killAt: String? = nil) async throws -> (RunningProcess, Ports) {
        let process = launcher.launch(
            build.coordinator,
            [
                "serve", "--directory", coordinatorDirectory, "--host", "127.0.0.1", "--federation-port", "\(ports?.federation ?? 0)", "--enrolment-port",
                "\(ports?.enrolment ?? 0)", "--format", "json",
            ], environment: environment(killAt.map { [KillPoint.variable: $0] } ?? [:]))
        let line = try await process.line(on: .output) { $0.contains("\"federation\"") }
        return (process, try JSONDecoder().decode(Ports.self, from: Data(line.utf8)))
    }

    func token(for node: String) async throws -> String {
        struct Answer: Decodable { var token: String }
        let line = try await coordinator("token", "create", "--node", node, "--format", "json")
        return try JSONDecoder().decode(Answer.self, from: Data(line.utf8)).token
    }

    /// Enrols the node and imports its events.
    func enrol(_ node: String, events: String, _ ports: Ports) async throws {
        try await succeed(node, "join", "--coordinator", "127.0.0.1:\(ports.enrolment)", "--token", try await token(for: node))
        let file = root.appending(path: "\(node).csv")
        try events.write(to: file, atomically: true, encoding: .utf8)
        try await succeed(node, "import", file.plainPath, "--format", "csv")
    }

    func start(plan: String) async throws {
        let file = root.appending(path: "plan.yaml")
        try plan.write(to: file, atomically: true, encoding: .utf8)
        try await coordinator("plan", "start", file.plainPath)
    }

    /// Starts a node that stops when the plan is over.
    func run(_ node: String, killAt: String? = nil) -> RunningProcess {
        launcher.launch(
            build.node,
            [
                "run", "--directory", directory(of: node), "--listen", "off", "--workers", "1", "--until-plan-ends", "--epsilon", "50", "--delta", "1e-5", "--minimum-users",
                "1", "--allow-mode", "local", "--allow-mode", "distributed", "--allow-mode", "central", "--allow-mode", "off",
            ], environment: environment(killAt.map { [KillPoint.variable: $0] } ?? [:]))
    }

    // MARK: What is left

    func status() async throws -> Status {
        try JSONDecoder().decode(Status.self, from: Data(try await coordinator("plan", "status", "--format", "json").utf8))
    }

    func ledger(of node: String) async throws -> Ledger {
        try JSONDecoder().decode(Ledger.self, from: Data(try await succeed(node, "privacy", "--format", "json").utf8))
    }
}

/// Runs the body with a federation in a temporary folder; every process ends with it.
func withFederation(_ build: ProcessFederation.Build, _ body: @escaping @Sendable (ProcessFederation) async throws -> Void) async throws {
    try await withTemporaryDirectory { root in
        try await withProcesses { launcher in try await body(ProcessFederation(launcher: launcher, root: root, build: build)) }
    }
}
