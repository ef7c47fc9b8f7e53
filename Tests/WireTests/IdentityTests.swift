import Crypto
import FederationIdentity
import Foundation
import SwiftASN1
import TestSupport
import Testing
import X509

@Suite("Certificate authority and node certificates")
struct CertificateAuthorityTests {
    let ca: CertificateAuthority
    init() throws { ca = try CertificateAuthority.create(federation: "acme") }

    @Test("the root may sign leaves only, and nothing else is in its key usage")
    func root() throws {
        #expect(try ca.certificate.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try ca.certificate.extensions.keyUsage == KeyUsage(keyCertSign: true, cRLSign: true))
    }

    @Test("a node's certificate carries its identity, is for clients only, and has a random serial of 128 bits")
    func leaf() throws {
        let key = P256.Signing.PrivateKey()
        let request = try SigningRequest.make(node: "somebody-else", key: key)
        let leaf = try ca.issueNode("berlin", request: request)
        #expect(try NodeIdentity(certificate: leaf).uri == "spiffe://acme/node/berlin")
        #expect(try leaf.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
        #expect(leaf.serialNumber.bytes.count == 16)
        let again = try ca.issueNode("berlin", request: request)
        #expect(leaf.serialNumber != again.serialNumber)
        #expect(try leaf.extensions.basicConstraints == .notCertificateAuthority)
    }

    @Test("a leaf does not outlive its root")
    func lifetimes() throws {
        let key = P256.Signing.PrivateKey()
        let short = try CertificateAuthority.create(federation: "acme", lifetime: 100)
        let leaf = try short.issueNode("berlin", request: try SigningRequest.make(node: "berlin", key: key))
        #expect(leaf.notValidAfter == short.certificate.notValidAfter)
    }

    @Test("a request signed by another key is refused")
    func proofOfPossession() throws {
        var request = try SigningRequest.make(node: "berlin", key: P256.Signing.PrivateKey())
        // The public key is replaced by another of the same size; the signature stays.
        let mine = try #require(request.firstRange(of: try SigningRequestParts.point(of: request)))
        request.replaceSubrange(mine, with: Array(P256.Signing.PrivateKey().publicKey.x963Representation))
        let error = #expect(throws: IdentityError.self) { try ca.issueNode("berlin", request: request) }
        #expect(error?.message.contains("not signed by its own key") == true)
    }

    @Test("requests that are no requests are refused", arguments: [[], [0x30, 0x00], Array(repeating: UInt8(0x30), count: 4000), Array(repeating: UInt8(0), count: 5000)])
    func garbage(request: [UInt8]) {
        #expect(throws: IdentityError.self) { try ca.issueNode("berlin", request: request) }
    }

    @Test("names that cannot be identities are refused", arguments: ["", "Berlin", "-a", "a/b", "a.b", String(repeating: "a", count: 64), "bérlin"])
    func names(name: String) throws {
        let request = try SigningRequest.make(node: "x", key: P256.Signing.PrivateKey())
        #expect(throws: IdentityError.self) { try ca.issueNode(name, request: request) }
    }

    @Test("identities are parsed exactly", arguments: ["spiffe://acme/node/berlin/x", "spiffe://acme/berlin", "https://acme/node/berlin", "spiffe:///node/berlin", "spiffe://acme/node/"])
    func uris(uri: String) { #expect(throws: IdentityError.self) { try NodeIdentity(uri: uri) } }

    @Test("a server's certificate is refused where a node's is expected, and the reverse")
    func usage() async throws {
        let key = P256.Signing.PrivateKey()
        let server = try ca.issueServer(for: key.publicKey, hosts: ["localhost"])
        let node = try ca.issueNode("berlin", request: try SigningRequest.make(node: "berlin", key: key))
        let asNode = PeerVerification(trust: .root(ca.certificate), role: .node(federation: "acme"))
        let asServer = PeerVerification(trust: .root(ca.certificate), role: .coordinator(host: "localhost"))
        #expect(try await asNode.verify([node]).count == 2)
        #expect(try await asServer.verify([server, ca.certificate]).count == 2)
        await #expect(throws: IdentityError.self) { try await asNode.verify([server]) }
        await #expect(throws: IdentityError.self) { try await asServer.verify([node]) }
    }

    @Test("a leaf cannot act as an authority")
    func pathLength() async throws {
        let key = P256.Signing.PrivateKey()
        let leaf = try ca.issueNode("berlin", request: try SigningRequest.make(node: "berlin", key: key))
        let impostor = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: Date(timeIntervalSinceNow: -60),
            notValidAfter: Date(timeIntervalSinceNow: 600), issuer: leaf.subject, subject: leaf.subject,
            extensions: try Certificate.Extensions {
                try ExtendedKeyUsage([.clientAuth])
                SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://acme/node/paris")])
            }, issuerPrivateKey: .init(key))
        let verification = PeerVerification(trust: .root(ca.certificate), role: .node(federation: "acme"))
        await #expect(throws: IdentityError.self) { try await verification.verify([impostor, leaf]) }
    }

    @Test("a coordinator is accepted by the names it was certified for only", arguments: [("localhost", true), ("127.0.0.1", true), ("::1", true), ("example.org", false), ("127.0.0.2", false)])
    func hosts(host: String, isAccepted: Bool) async throws {
        let server = try ServerCredentials(authority: ca, hosts: ["localhost", "127.0.0.1", "::1"])
        let verification = PeerVerification(trust: .fingerprint(try ca.fingerprint()), role: .coordinator(host: host))
        if isAccepted {
            _ = try await verification.verify(server.chain)
        } else {
            let error = await #expect(throws: IdentityError.self) { try await verification.verify(server.chain) }
            #expect(error?.code == .wrongName)
        }
        #expect(server.hosts == ["localhost", "127.0.0.1", "::1"])
    }
}

/// Finds the public point inside a request.
private enum SigningRequestParts {
    static func point(of request: [UInt8]) throws -> [UInt8] {
        let key = try SigningRequest.verifiedPublicKey(der: request)
        return Array(try #require(P256.Signing.PublicKey(key)).x963Representation)
    }
}

@Suite("Join tokens")
struct JoinTokenTests {
    @Test("the text form gives the token back and hides the secret from descriptions")
    func text() throws {
        let token = try JoinToken(node: "berlin", rootFingerprint: bytes(32))
        #expect(try JoinToken(text: " \(token.text)\n") == token)
        #expect(token.text.hasPrefix("trib1_"))
        #expect(!"\(token) \(String(reflecting: token))".contains(token.text.suffix(20)))
        let other = try JoinToken(node: "berlin", rootFingerprint: bytes(32))
        #expect(token.secret != other.secret)
    }

    @Test("a changed or cut token is refused")
    func damage() throws {
        let text = try JoinToken(node: "berlin", rootFingerprint: bytes(32)).text
        for count in [0, 5, 6, 20, text.count - 1] { #expect(throws: IdentityError.self) { try JoinToken(text: String(text.prefix(count))) } }
        for suffix in ["A", "=", "AAAA"] { #expect(throws: IdentityError.self) { try JoinToken(text: text + suffix) } }
    }
}

@Suite("Identity files")
struct IdentityDirectoryTests {
    private func mode(_ url: URL) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: url.plainPath)[.posixPermissions] as? Int)
    }

    @Test("private keys are 0600, survive a round trip, and an authority is never overwritten")
    func coordinator() throws {
        try withTemporaryDirectory { folder in
            let directory = IdentityDirectory(path: folder.appending(path: "identity").plainPath)
            let ca = try CertificateAuthority.create(federation: "acme")
            try directory.write(ca)
            try directory.write(try ServerCredentials(authority: ca, hosts: ["localhost"]))
            #expect(try directory.authority().certificate == ca.certificate)
            #expect(try directory.server().chain[1] == ca.certificate)
            for name in ["ca-key.pem", "server.pem"] { #expect(try mode(folder.appending(path: "identity/\(name)")) == 0o600) }
            #expect(try mode(folder.appending(path: "identity")) == 0o700)
            let error = #expect(throws: IdentityError.self) { try directory.write(CertificateAuthority.create(federation: "other")) }
            #expect(error?.code == .alreadyExists)
            #expect(try directory.authority().federation == "acme")
        }
    }

    @Test("a node's pending key stays the same until its certificate is stored")
    func node() throws {
        try withTemporaryDirectory { folder in
            let directory = IdentityDirectory(path: folder.plainPath)
            #expect(throws: IdentityError.self) { try directory.node() }
            let ca = try CertificateAuthority.create(federation: "acme")
            let key = try directory.pendingKey()
            #expect(try directory.pendingKey().rawRepresentation == key.rawRepresentation)
            #expect(try mode(folder.appending(path: "pending-key.pem")) == 0o600)
            let leaf = try ca.issueNode("berlin", request: try SigningRequest.make(node: "berlin", key: key))
            try directory.finishRequest(try NodeCredentials(chain: [leaf, ca.certificate], privateKey: key))
            #expect(try directory.node().identity.uri == "spiffe://acme/node/berlin")
            #expect(try mode(folder.appending(path: "node.pem")) == 0o600)
            #expect(try directory.pendingKey().rawRepresentation != key.rawRepresentation)
            #expect(try directory.aggregationKey().rawRepresentation == directory.aggregationKey().rawRepresentation)
        }
    }

    @Test("renewal is due at two thirds of a certificate's life")
    func renewal() throws {
        let ca = try CertificateAuthority.create(federation: "acme")
        let key = P256.Signing.PrivateKey()
        let leaf = try ca.issueNode("berlin", request: try SigningRequest.make(node: "berlin", key: key), lifetime: 30 * 86_400)
        let credentials = try NodeCredentials(chain: [leaf, ca.certificate], privateKey: key)
        let life = leaf.notValidAfter.timeIntervalSince(leaf.notValidBefore)
        #expect(abs(credentials.renewalTime.timeIntervalSince(leaf.notValidBefore) - life * 2 / 3) < 1)
    }
}
