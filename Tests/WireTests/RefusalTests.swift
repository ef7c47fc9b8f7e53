import Crypto
import Federation
import FederationGRPC
import FederationIdentity
import Foundation
import Testing

@Suite("Who is not let in, and what they are told")
struct RefusalTests {
    @Test("a node of another certificate authority")
    func wrongAuthority() async throws {
        let federation = try TestFederation()
        // Same federation name, same node name, another root: only the signature differs.
        let forged = try await federation.credentials("berlin", issuedBy: try CertificateAuthority.create(federation: "acme"))
        let trusting = try NodeCredentials(chain: [forged.certificate, federation.ca.certificate], privateKey: forged.privateKey)
        try await federation.serving { ports in
            let distrusting = await federationError { try await federation.client(ports.federation, forged) { try await $0.currentPlan() } }
            #expect(distrusting?.code == .unauthenticated)
            #expect(distrusting?.message.contains("not signed by this federation") == true, "\(String(describing: distrusting))")
            let refused = await federationError { try await federation.client(ports.federation, trusting) { try await $0.currentPlan() } }
            #expect(refused?.code == .unauthenticated)
            #expect(refused?.message.contains("refuses the certificate of “berlin”") == true, "\(String(describing: refused))")
            #expect(await federation.log.line(containing: "not signed by this federation") != nil)
        }
        #expect(await federation.coordinator.requests.isEmpty)
    }

    @Test("an expired certificate: the node knows by itself, and the coordinator knows too")
    func expired() async throws {
        let federation = try TestFederation()
        let credentials = try await federation.credentials("berlin", now: Date(timeIntervalSinceNow: -7200), lifetime: 3600)
        try await federation.serving { ports in
            let error = await federationError { try await federation.client(ports.federation, credentials) { try await $0.currentPlan() } }
            #expect(error?.code == .unauthenticated)
            #expect(error?.message.contains("this node's certificate expired") == true, "\(String(describing: error))")
            #expect(await federation.log.line(containing: "the certificate expired") != nil)
        }
        #expect(await federation.coordinator.requests.isEmpty)
    }

    @Test("an expired server")
    func expiredServer() async throws {
        var federation = try TestFederation()
        federation.serverLifetime = -10
        let credentials = try await federation.credentials("berlin")
        let running = federation
        try await running.serving { ports in
            let error = await federationError { try await running.client(ports.federation, credentials) { try await $0.currentPlan() } }
            #expect(error?.code == .unauthenticated)
            #expect(error?.message.contains("cannot be trusted: the certificate expired") == true, "\(String(describing: error))")
        }
    }

    @Test("a revoked node: at the next request of an open connection, and at the handshake of a new one", arguments: [true, false])
    func revoked(bySerial: Bool) async throws {
        let federation = try TestFederation()
        let credentials = try await federation.credentials("berlin")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials) { client in
                _ = try await client.currentPlan()
                await federation.authority.revoke(bySerial ? credentials.certificate.serialHex : "berlin")
                let open = await federationError { try await client.currentPlan() }
                #expect(open?.code == .unauthenticated)
                #expect(open?.message.contains("“berlin” was revoked") == true, "\(String(describing: open))")
            }
            let new = await federationError { try await federation.client(ports.federation, credentials) { try await $0.currentPlan() } }
            #expect(new?.code == .unauthenticated)
            #expect(new?.message.contains("revoked") == true, "\(String(describing: new))")
            #expect(await federation.log.line(containing: "connection refused") != nil)
        }
        #expect(await federation.coordinator.requests.count == 1)
    }

    @Test("tokens: used, expired, unknown, of another node, of another federation")
    func tokens() async throws {
        let federation = try TestFederation()
        let token = try await federation.authority.makeToken("berlin")
        let old = try await federation.authority.makeToken("paris", expires: Date(timeIntervalSinceNow: -1))
        let unknown = try JoinToken(node: "rome", rootFingerprint: try federation.ca.fingerprint())
        let foreign = try JoinToken(node: "rome", rootFingerprint: bytes(32))
        try await federation.serving { ports in
            @Sendable func enrol(_ token: JoinToken, _ key: NodeKey = NodeKey()) async throws {
                let client = try EnrolmentClient(endpoint: ports.enrolment, token: token, retry: RetryPolicy(attempts: 1), logger: federation.log.logger)
                _ = try await client.enrol(key: key, aggregationKey: nil)
            }
            let key = NodeKey()
            try await enrol(token, key)
            try await enrol(token, key)  // the answer was lost; the same key may ask again
            for (token, word) in [(token, "used before"), (old, "expired"), (unknown, "not known")] {
                let error = await federationError { try await enrol(token) }
                #expect(error?.code == .unauthenticated)
                #expect(error?.message.contains(word) == true, "\(String(describing: error))")
            }
            let error = await federationError { try await enrol(foreign) }
            #expect(error?.code == .unauthenticated)
            #expect(error?.message.contains("not of the certificate authority the token was made for") == true, "\(String(describing: error))")
        }
    }

    @Test("nobody listens")
    func nobody() async throws {
        let federation = try TestFederation()
        let credentials = try await federation.credentials("berlin")
        let port = try await federation.serving { $0.federation.port }
        let error = await federationError {
            try await federation.client(Endpoint(host: "127.0.0.1", port: port), credentials, attempts: 2) { try await $0.currentPlan() }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("nobody listens at 127.0.0.1:\(port)") == true, "\(String(describing: error))")
    }

    @Test("the enrolment port serves enrolment only, and the federation port no enrolment")
    func separation() async throws {
        let federation = try TestFederation()
        let credentials = try await federation.credentials("berlin")
        let token = try await federation.authority.makeToken("paris")
        try await federation.serving { ports in
            let federationAtEnrolment = await federationError { try await federation.client(ports.enrolment, credentials) { try await $0.currentPlan() } }
            #expect(federationAtEnrolment?.code == .failedPrecondition)
            let client = try EnrolmentClient(endpoint: ports.federation, token: token, retry: RetryPolicy(attempts: 1), logger: federation.log.logger)
            let enrolmentAtFederation = await federationError { try await client.enrol(key: NodeKey(), aggregationKey: nil) }
            #expect(enrolmentAtFederation?.message.contains("asks for a client certificate") == true, "\(String(describing: enrolmentAtFederation))")
        }
        #expect(await federation.coordinator.requests.isEmpty)
    }

    @Test("a name the coordinator was not certified for")
    func wrongHost() async throws {
        var federation = try TestFederation()
        federation.hosts = ["coordinator.example"]
        let credentials = try await federation.credentials("berlin")
        let running = federation
        try await running.serving { ports in
            let error = await federationError { try await running.client(ports.federation, credentials) { try await $0.currentPlan() } }
            #expect(error?.message.contains("not valid for “127.0.0.1”") == true, "\(String(describing: error))")
        }
    }

    @Test("a port in use is named, with what to do")
    func portInUse() async throws {
        let federation = try TestFederation()
        try await federation.serving { ports in
            var second = federation
            second.federationPort = ports.federation.port
            let other = try second.server()
            let error = await federationError { try await other.run() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("in use by another process") == true, "\(String(describing: error))")
        }
    }
}
