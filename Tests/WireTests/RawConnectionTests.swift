import Crypto
import Federation
import FederationGRPC
import FederationIdentity
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf
import TestSupport
import Testing

/// Other programs than ours at the ports.
@Suite("Foreign clients at the listeners")
struct RawConnectionTests {
    static let openssl = ["/usr/bin/openssl", "/opt/homebrew/bin/openssl"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs `openssl s_client` until the server closes or the client sees the end of its (empty) input.
    private static func connect(_ endpoint: FederationGRPC.Endpoint, _ arguments: [String]) async throws -> String {
        let finished = try await withProcesses { launcher in
            try await launcher.run(
                openssl ?? "openssl", ["s_client", "-connect", endpoint.description, "-alpn", "h2", "-ign_eof", "-servername", "localhost"] + arguments,
                timeLimit: .seconds(60))
        }
        return finished.output + finished.error
    }

    @Test("openssl sees TLS 1.3 and h2 at the enrolment port", .enabled(if: openssl != nil, "openssl is not installed"))
    func enrolmentPort() async throws {
        let federation = try TestFederation()
        try await federation.serving { ports in
            let text = try await withProcesses { launcher in
                let process = launcher.launch(
                    Self.openssl ?? "openssl", ["s_client", "-connect", ports.enrolment.description, "-alpn", "h2", "-ign_eof"], timeLimit: .seconds(60))
                _ = try await process.line(containing: "ALPN")
                _ = try await process.line(containing: "Verify return code")
                return await process.transcript
            }
            #expect(text.contains("TLSv1.3"))
            #expect(text.contains("ALPN protocol: h2"))
        }
    }

    @Test("TLS 1.2 is refused at both ports with an alert", .enabled(if: openssl != nil, "openssl is not installed"), arguments: [true, false])
    func version12(atEnrolment: Bool) async throws {
        let federation = try TestFederation()
        try await federation.serving { ports in
            let text = try await Self.connect(atEnrolment ? ports.enrolment : ports.federation, ["-tls1_2"])
            #expect(text.contains("protocol version"), "\(text)")
            #expect(!text.contains("Server certificate\n-----BEGIN"))
            #expect(await federation.log.line(containing: "no TLS 1.3") != nil)
        }
    }

    @Test("without a client certificate nobody gets past the handshake of the federation port", .enabled(if: openssl != nil, "openssl is not installed"))
    func noCertificate() async throws {
        let federation = try TestFederation()
        try await federation.serving { ports in
            let text = try await Self.connect(ports.federation, ["-tls1_3"])
            #expect(text.contains("certificate required") || text.contains("alert number 116"), "\(text)")
            #expect(await federation.log.line(containing: "presented no certificate") != nil)
        }
        #expect(await federation.coordinator.requests.isEmpty)
    }

    @Test("a certificate of another authority is refused by the handshake", .enabled(if: openssl != nil, "openssl is not installed"))
    func foreignCertificate() async throws {
        let federation = try TestFederation()
        let forged = try await federation.credentials("berlin", issuedBy: try CertificateAuthority.create(federation: "acme"))
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "node.pem")
            try (forged.privateKey.pemRepresentation + "\n" + CertificateChain.pem(forged.chain)).write(to: file, atomically: true, encoding: .utf8)
            try await federation.serving { ports in
                let text = try await Self.connect(ports.federation, ["-cert", file.plainPath, "-key", file.plainPath])
                #expect(text.contains("alert"), "\(text)")
                #expect(await federation.log.line(containing: "not signed by this federation") != nil)
            }
        }
    }

    @Test("a gRPC client without TLS is refused at both ports, and the log says so", arguments: [true, false])
    func plaintext(atEnrolment: Bool) async throws {
        let federation = try TestFederation()
        try await federation.serving { ports in
            let endpoint = atEnrolment ? ports.enrolment : ports.federation
            let transport = try HTTP2ClientTransport.Posix(target: .ipv4(address: endpoint.host, port: endpoint.port), transportSecurity: .plaintext)
            await #expect(throws: RPCError.self) {
                try await withGRPCClient(transport: transport) { client in
                    _ = try await Tributary_Federation_V1_Federation.Client(wrapping: client).getCurrentPlan(.init())
                }
            }
            #expect(await federation.log.line(containing: "does not speak TLS") != nil)
        }
        #expect(await federation.coordinator.requests.isEmpty)
    }

    @Test("a message beyond the limit is refused and the connection serves on")
    func oversized() async throws {
        let federation = try TestFederation()
        let token = try await federation.authority.makeToken("berlin")
        let credentials = try await federation.credentials("paris")
        try await federation.serving { ports in
            // One chunk of 3 MiB: our client sends whatever its source gives.
            try await federation.client(ports.federation, credentials, attempts: 1) { client in
                let huge = UpdateHeader(
                    plan: Digest(of: [1]), round: RoundNumber(1), baseModel: Digest(of: [1]), payload: Digest(of: [1]), payloadByteCount: 100)
                let error = await federationError { try await client.upload(huge, from: 0, source: OversizedSource(count: 3 << 20)) }
                // The transport resets the stream before the message is read, which is all that a client sees.
                #expect(error?.code == .unavailable || error?.code == .invalidArgument, "\(String(describing: error))")
                _ = try await client.currentPlan()
            }
            let enrolment = try await EnrolmentClient(endpoint: ports.enrolment, token: token, logger: federation.log.logger).enrol(key: NodeKey(), aggregationKey: nil)
            #expect(enrolment.credentials.identity.node == "berlin")
        }
        #expect(await federation.coordinator.partial.isEmpty)
    }

    @Test("more bytes than the header announced are refused, however they are cut")
    func excess() async throws {
        let federation = try TestFederation()
        let credentials = try await federation.credentials("paris")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials, attempts: 1) { client in
                let header = UpdateHeader(
                    plan: Digest(of: [1]), round: RoundNumber(1), baseModel: Digest(of: [1]), payload: Digest(of: [1]), payloadByteCount: 100)
                let error = await federationError { try await client.upload(header, from: 0, source: OversizedSource(count: 101)) }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.contains("more bytes than the 100 of its header") == true, "\(String(describing: error))")
            }
        }
    }
}

/// Ignores how much was asked for.
private struct OversizedSource: UpdateSource {
    var count: Int
    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8] { [UInt8](repeating: 7, count: count) }
}
