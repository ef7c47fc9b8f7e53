import Foundation
import TestSupport
import Testing

/// A node in another language, written from `docs/protocol.md` and the `.proto` files, against the real coordinator.
@Suite("Nodes in Python", .serialized)
struct InteropTests {
    /// What a plan of this test differs in.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var model: String
        var training: String
        var privacy: String
        var optimizer: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "privacy off, GRU4Rec, FedAdam", model: "gru4rec: {embedding-dimension: 8, hidden-dimension: 6, tied-embeddings: true}",
            training: "unit: silo", privacy: "mode: off\n  range: 4096\n  grid: {scale: 65536, modulus-bits: 64}",
            optimizer: "fedadam: {learning-rate: 0.05, beta1: 0.9, beta2: 0.99, tau: 0.001}"),
        Case(
            name: "privacy local, BPR-MF, FedYogi", model: "bpr-mf: {dimension: 5}", training: "unit: per-user",
            privacy: "mode: local\n  clip: 0.5\n  epsilon: 8\n  delta: 1e-5\n  grid: {scale: 16777216, modulus-bits: 40}",
            optimizer: "fedyogi: {learning-rate: 0.05, beta1: 0.9, beta2: 0.99, tau: 0.001}"),
    ]

    @Test(
        "two nodes enrol, upload known vectors in two rounds, and recompute the published models' bits",
        .enabled("Python 3.10 or later with the packages of Tests/Interop/requirements.txt is not to be had here") { await PythonEnvironment.shouldRun() },
        arguments: cases)
    func rounds(of plan: Case) async throws {
        let python = try await PythonEnvironment.prepare()
        try await withTemporaryDirectory { folder in
            try await withProcesses { launcher in
                let directory = folder.appending(path: "coordinator").plainPath
                func coordinator(_ arguments: String...) async throws -> FinishedProcess {
                    let finished = try await launcher.run("coordinator", arguments + ["--directory", directory])
                    #expect(finished.exitCode == 0, "\(finished)")
                    return finished
                }
                _ = try await coordinator("init", "--name", "interop")
                let catalog = folder.appending(path: "items.csv")
                let rows = (0..<20).map { "i\($0),\"Title, \($0)\",a|b\n" }.joined()
                try ("item_id,title,categories\n" + rows).write(to: catalog, atomically: true, encoding: .utf8)
                _ = try await coordinator("catalog", "import", catalog.plainPath)
                let file = folder.appending(path: "plan.yaml")
                try Self.yaml(plan).write(to: file, atomically: true, encoding: .utf8)

                let server = launcher.launch(
                    "coordinator", ["serve", "--directory", directory, "--federation-port", "0", "--enrolment-port", "0", "--format", "json"])
                let line = try await server.line(on: .output) { $0.contains("\"enrolment\"") }
                let ports = try JSONDecoder().decode([String: Int].self, from: Data(line.utf8))
                var tokens: [String] = []
                for node in ["adder", "boa"] {
                    let answer = try await coordinator("token", "create", "--node", node, "--format", "json")
                    tokens += ["--token", try #require(try JSONDecoder().decode([String: String].self, from: Data(answer.output.utf8))["token"])]
                }
                _ = try await coordinator("plan", "start", file.plainPath)

                let node = try await launcher.run(
                    python,
                    [
                        PythonEnvironment.folder.appending(path: "node.py").plainPath, "--enrolment", "127.0.0.1:\(try #require(ports["enrolment"]))",
                        "--rounds", "2",
                    ] + tokens, environment: ["PYTHONDONTWRITEBYTECODE": "1"])
                let transcript = await server.transcript
                #expect(node.exitCode == 0, "\(node)\n\(transcript)")
                #expect(node.output.contains("\"ok\": true"), "\(node)")
                #expect(node.output.components(separatedBy: "\"recomputed\": true").count == 3, "\(node)")
            }
        }
    }

    private static func yaml(_ plan: Case) -> String {
        """
        name: interop
        seed: 5
        rounds: 2
        maximum-attempts: 4
        maximum-users: 1000
        model:
          \(plan.model)
        training:
          \(plan.training)
          optimizer:
            sgd: {learning-rate: 0.5, momentum: 0}
        privacy:
          \(plan.privacy)
        server-optimizer:
          \(plan.optimizer)
        selection:
          rule: all
          minimum-cohort: 2
          quorum: 2
          deadline-seconds: 60

        """
    }
}

/// The virtual environment of the Python node, made once in the build folder.
enum PythonEnvironment {
    static let folder = PackageTree.root.appending(path: "Tests/Interop", directoryHint: .isDirectory)
    private static let environment = BuildProducts.directory.appending(path: "interop-venv", directoryHint: .isDirectory)
    private static let python = environment.appending(path: "bin/python").plainPath
    private static var stamp: URL { environment.appending(path: "requirements.txt") }

    /// On a build server what is missing is a failure, elsewhere a visible skip.
    static func shouldRun() async -> Bool {
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        do {
            _ = try await prepare()
            return true
        } catch {
            return false
        }
    }

    /// The interpreter with the pinned packages.
    static func prepare() async throws -> String {
        let wanted = try Data(contentsOf: folder.appending(path: "requirements.txt"))
        if let present = try? Data(contentsOf: stamp), present == wanted { return python }
        try await withProcesses { launcher in
            for arguments in [
                ["python3", "-m", "venv", "--clear", environment.plainPath],
                [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", folder.appending(path: "requirements.txt").plainPath],
            ] {
                let finished = try await launcher.run("/usr/bin/env", arguments)
                guard finished.exitCode == 0 else { throw Missing(description: "\(finished)") }
            }
        }
        try wanted.write(to: stamp)
        return python
    }

    private struct Missing: Error, CustomStringConvertible { var description: String }
}
