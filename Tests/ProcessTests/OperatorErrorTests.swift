import Foundation
import Subprocess
import TestSupport
import Testing

@Suite("What goes wrong tells the operator what to do", .serialized, .timeLimit(.minutes(5)))
struct OperatorErrorTests {
    @Test("a port in use names the port and ends with 69")
    func portInUse() async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let (_, ports) = try await federation.serve()
            let second = ProcessFederation(launcher: federation.launcher, root: federation.root.appending(path: "second"))
            try FileManager.default.createDirectory(at: second.root, withIntermediateDirectories: true)
            try await second.initialise(catalog: ProcessWorld.catalog)
            let result = try await federation.launcher.run(
                "coordinator",
                ["serve", "--directory", second.coordinatorDirectory, "--host", "127.0.0.1", "--federation-port", "\(ports.federation)", "--enrolment-port", "0"])
            #expect(result.exitCode == 69, "\(result)")
            #expect(result.error.contains("\(ports.federation)") && result.error.contains("in use"), "\(result)")
        }
    }

    @Test("a second server in the same directory is refused")
    func secondServer() async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            _ = try await federation.serve()
            let result = try await federation.launcher.run("coordinator", ["serve", "--directory", federation.coordinatorDirectory, "--federation-port", "0", "--enrolment-port", "0"])
            #expect(result.exitCode != 0 && result.error.contains("another `coordinator serve` runs"), "\(result)")
        }
    }

    @Test("an unreadable file names it and ends with 66", arguments: ["catalog", "plan", "events"])
    func unreadableFile(_ kind: String) async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let missing = federation.root.appending(path: "no-such-file.csv").plainPath
            let directory = ["--directory", federation.coordinatorDirectory]
            let result =
                switch kind {
                case "catalog": try await federation.launcher.run("coordinator", ["catalog", "import", missing] + directory)
                case "plan": try await federation.launcher.run("coordinator", ["plan", "check", missing] + directory)
                default: try await federation.node("node-1", ["import", missing])
                }
            #expect(result.exitCode == 66, "\(result)")
            #expect(result.error.contains("no-such-file.csv"), "\(result)")
        }
    }

    @Test("an unknown key of a configuration names the key and its line", arguments: ["coordinator", "node", "plan"])
    func unknownKey(_ kind: String) async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let result: FinishedProcess
            switch kind {
            case "coordinator":
                let file = federation.coordinatorDirectory + "/coordinator.yaml"
                try (String(contentsOfFile: file, encoding: .utf8) + "\nfedration-port: 1\n").write(toFile: file, atomically: true, encoding: .utf8)
                result = try await federation.launcher.run("coordinator", ["serve", "--directory", federation.coordinatorDirectory])
            case "plan":
                let file = federation.root.appending(path: "plan.yaml").plainPath
                try (ProcessWorld.plan(privacy: "off", nodes: 1) + "\nfedration-port: 1\n").write(toFile: file, atomically: true, encoding: .utf8)
                result = try await federation.launcher.run("coordinator", ["plan", "start", file, "--directory", federation.coordinatorDirectory])
            default:
                try FileManager.default.createDirectory(atPath: federation.directory(of: "node-1"), withIntermediateDirectories: true)
                try "fedration-port: 1\n".write(toFile: federation.directory(of: "node-1") + "/edge-node.yaml", atomically: true, encoding: .utf8)
                result = try await federation.node("node-1", ["status"])
            }
            #expect([65, 78].contains(result.exitCode), "\(result)")
            #expect(result.error.contains("fedration-port") && result.error.contains(".yaml:"), "\(result)")
        }
    }

    @Test("SIGTERM and SIGINT stop both programs cleanly", arguments: [Signal.terminate, .interrupt])
    func cleanStop(_ signal: Signal) async throws {
        try await withFederation(.shipped) { federation in
            let (server, _) = try await federation.prepare(nodes: 1)
            // Two nodes are wanted, so this one waits.
            try await federation.start(plan: ProcessWorld.plan(privacy: "off", nodes: 2))
            let node = federation.run("node-1")
            try await node.line(containing: "joined plan")
            try await node.send(signal)
            try await node.end(as: .exited(0))
            try await server.send(signal)
            try await server.end(as: .exited(0))
        }
    }

    static let mayMount: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["-Urm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test("a full disk ends with 74 and leaves nothing half-written", .enabled(if: mayMount, "needs unprivileged user namespaces with tmpfs"))
    func diskFull() async throws {
        try await withFederation(.shipped) { federation in
            let file = federation.root.appending(path: "many.csv")
            let rows = (0..<40_000).map { "user-\($0 / 20),item-\($0 % 997)-\($0),\(1_700_000_000 + $0)\n" }.joined()
            try ("user,item,time\n" + rows).write(to: file, atomically: true, encoding: .utf8)
            let mount = federation.root.appending(path: "small").plainPath
            try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
            let script = """
                mount -t tmpfs -o size=700k tmpfs '\(mount)' || exit 99
                '\(BuildProducts.path("edge-node"))' import '\(file.plainPath)' --format csv --directory '\(mount)/node'
                echo "code $?"
                '\(BuildProducts.path("edge-node"))' status --directory '\(mount)/node'
                echo "then $?"
                """
            let result = try await federation.launcher.run("/usr/bin/unshare", ["-Urm", "/bin/sh", "-c", script])
            #expect(result.output.contains("code 74"), "\(result)")
            #expect(result.error.lowercased().contains("full") || result.error.lowercased().contains("space"), "\(result)")
            #expect(result.output.contains("then 0"), "the store is unusable afterwards: \(result)")
        }
    }
}
