import FederationIdentity
import Foundation
import Subprocess
import TestSupport
import Testing

@Suite("Nobody gets in who should not", .serialized, .timeLimit(.minutes(5)))
struct AdmissionTests {
    @Test("a token that was used already enrols nobody else")
    func reusedToken() async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let (_, ports) = try await federation.serve()
            let token = try await federation.token(for: "node-1")
            try await federation.succeed("node-1", "join", "--coordinator", "127.0.0.1:\(ports.enrolment)", "--token", token)
            let thief = try await federation.node("thief", ["join", "--coordinator", "127.0.0.1:\(ports.enrolment)", "--token", token])
            #expect(thief.exitCode == 77, "\(thief)")
            #expect(thief.error.contains("used already") && thief.error.contains("coordinator token create"), "\(thief)")
        }
    }

    @Test("a revoked node is refused and told so")
    func revoked() async throws {
        try await withFederation(.shipped) { federation in
            _ = try await federation.prepare(nodes: 1)
            try await federation.start(plan: ProcessWorld.plan(privacy: "off", nodes: 2))
            try await federation.coordinator("nodes", "revoke", "node-1")
            let node = federation.run("node-1")
            try await node.end(as: .exited(77))
            let said = await node.text(on: .error)
            #expect(said.contains("revoked"), "\(said)")
        }
    }

    @Test("a token of another federation finds a foreign authority and gives nothing away")
    func wrongAuthority() async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let other = ProcessFederation(launcher: federation.launcher, root: federation.root.appending(path: "other"))
            try FileManager.default.createDirectory(at: other.root, withIntermediateDirectories: true)
            try await other.initialise(catalog: ProcessWorld.catalog)
            let (_, otherPorts) = try await other.serve()
            let token = try await federation.token(for: "node-1")
            let result = try await federation.node("node-1", ["join", "--coordinator", "127.0.0.1:\(otherPorts.enrolment)", "--token", token])
            #expect(result.exitCode == 77, "\(result)")
            #expect(result.error.contains("authority") || result.error.contains("fingerprint"), "\(result)")
        }
    }

    @Test("a node of another federation does not get past the handshake")
    func foreignNode() async throws {
        try await withFederation(.shipped) { federation in
            _ = try await federation.prepare(nodes: 1)
            let other = ProcessFederation(launcher: federation.launcher, root: federation.root.appending(path: "other"))
            try FileManager.default.createDirectory(at: other.root, withIntermediateDirectories: true)
            try await other.initialise(catalog: ProcessWorld.catalog)
            let (server, otherPorts) = try await other.serve()
            let result = try await federation.node(
                "node-1", ["run", "--listen", "off", "--until-plan-ends", "--coordinator", "127.0.0.1:\(otherPorts.federation)"])
            #expect(result.exitCode == 77, "\(result)")
            #expect(!result.error.isEmpty)
            try await server.send(.terminate)
            try await server.end(as: .exited(0))
        }
    }

    @Test("a certificate that has expired is refused by its own node, with the remedy")
    func expired() async throws {
        try await withFederation(.shipped) { federation in
            _ = try await federation.prepare(nodes: 1)
            let directory = IdentityDirectory(path: federation.directory(of: "node-1") + "/identity")
            let authority = try IdentityDirectory(path: federation.coordinatorDirectory + "/identity").authority()
            let credentials = try directory.node()
            let request = try SigningRequest.make(node: "node-1", key: credentials.privateKey)
            let old = try authority.issueNode("node-1", request: request, now: Date(timeIntervalSinceNow: -90 * 86_400), lifetime: 86_400)
            try directory.write(NodeCredentials(chain: [old, authority.certificate], privateKey: credentials.privateKey))
            let result = try await federation.node("node-1", ["run", "--listen", "off", "--until-plan-ends"])
            #expect(result.exitCode == 77, "\(result)")
            #expect(result.error.contains("expired") && result.error.contains("coordinator token create"), "\(result)")
        }
    }

    static let hasOpenSSL = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    @Test("TLS 1.2 is refused on both ports, TLS 1.3 spoken", .enabled(if: hasOpenSSL, "needs the openssl command"))
    func oldTLS() async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let (_, ports) = try await federation.serve()
            for port in [ports.enrolment, ports.federation] {
                func connect(_ version: String) async throws -> FinishedProcess {
                    try await federation.launcher.run(
                        "/bin/sh", ["-c", "echo | /usr/bin/openssl s_client -connect 127.0.0.1:\(port) -alpn h2 \(version) -brief 2>&1"])
                }
                let old = try await connect("-tls1_2")
                #expect(old.output.contains("alert protocol version") || old.output.contains("protocol version"), "\(old)")
                let new = try await connect("-tls1_3")
                #expect(new.output.contains("TLSv1.3"), "\(new)")
            }
        }
    }

    @Test("a plaintext client gets nothing, and the server goes on")
    func plaintext() async throws {
        try await withFederation(.shipped) { federation in
            try await federation.initialise(catalog: ProcessWorld.catalog)
            let (server, ports) = try await federation.serve()
            for port in [ports.enrolment, ports.federation] {
                let script = "trap '' PIPE; exec 3<>/dev/tcp/127.0.0.1/\(port); printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n' >&3 2>/dev/null; timeout 5 cat <&3 | head -c 100 | tr -d '\\000' | grep -c HTTP"
                let result = try await federation.launcher.run("/bin/bash", ["-c", script])
                #expect(result.output.hasPrefix("0"), "\(result)")
            }
            try await server.send(.terminate)
            try await server.end(as: .exited(0))
        }
    }
}
