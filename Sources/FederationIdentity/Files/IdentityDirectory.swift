public import Crypto
import Foundation
import X509

/// The identity files of one coordinator or node. Private keys are 0600 and never overwritten; certificates are replaced whole.
///
/// | coordinator | node |
/// |---|---|
/// | `ca.pem`, `ca-key.pem` (0600) | |
/// | `server.pem` (key and chain, 0600) | `node.pem` (key and chain, 0600; replaced whole on renewal) |
/// | | `pending-key.pem` while a request is open; `aggregation-key` |
public struct IdentityDirectory: Sendable {
    public let path: String

    /// - Parameter path: a directory; it is made, with mode 0700, when the first file is written.
    public init(path: String) { self.path = path }

    // MARK: Coordinator

    public var holdsAuthority: Bool { PrivateFile.exists(file("ca-key.pem")) }

    /// Writes a new authority.
    /// - Throws: `IdentityError` (`alreadyExists`) when there is one: it is never overwritten.
    public func write(_ authority: CertificateAuthority) throws {
        try PrivateFile.makeDirectory(path)
        try PrivateFile.create(file("ca-key.pem"), authority.privateKey.pemRepresentation + "\n")
        try PrivateFile.replace(file("ca.pem"), CertificateChain.pem([authority.certificate]), mode: 0o644)
    }

    public func authority() throws -> CertificateAuthority {
        guard holdsAuthority else {
            throw IdentityError(.fileAccess, "there is no certificate authority in \(path): run `coordinator init` first")
        }
        return try CertificateAuthority(certificate: try certificates("ca.pem")[0], privateKey: try signingKey("ca-key.pem"))
    }

    /// Replaces the server's key and certificate.
    public func write(_ server: ServerCredentials) throws {
        try PrivateFile.makeDirectory(path)
        // One file with key and chain, so that the two can never disagree after a crash.
        try PrivateFile.replace(file("server.pem"), server.privateKey.pemRepresentation + "\n" + CertificateChain.pem(server.chain), mode: 0o600)
    }

    public func server() throws -> ServerCredentials {
        let (key, chain) = try keyAndChain("server.pem")
        return try ServerCredentials(federation: try authority().federation, chain: chain, privateKey: key)
    }

    // MARK: Node

    public var holdsNode: Bool { PrivateFile.exists(file("node.pem")) }

    /// Writes the node's key and chain in one file, replacing older ones: a renewal is one rename.
    public func write(_ node: NodeCredentials) throws {
        try PrivateFile.makeDirectory(path)
        try PrivateFile.replace(file("node.pem"), node.privateKey.pemRepresentation + "\n" + CertificateChain.pem(node.chain), mode: 0o600)
    }

    public func node() throws -> NodeCredentials {
        guard holdsNode else { throw IdentityError(.fileAccess, "this node has not joined a federation: run `edge-node join` first (no \(file("node.pem")))") }
        let (key, chain) = try keyAndChain("node.pem")
        return try NodeCredentials(chain: chain, privateKey: key)
    }

    /// The key for a certificate that has been asked for but may not have arrived: made once and kept, so that a join repeated
    /// after a lost answer sends the same request. `finishRequest` removes it.
    public func pendingKey() throws -> P256.Signing.PrivateKey {
        try PrivateFile.makeDirectory(path)
        let name = "pending-key.pem"
        if PrivateFile.exists(file(name)) { return try signingKey(name) }
        let key = P256.Signing.PrivateKey()
        try PrivateFile.create(file(name), key.pemRepresentation + "\n")
        return key
    }

    /// Stores the credentials that answer a request made with `pendingKey`, and forgets the pending key.
    public func finishRequest(_ credentials: NodeCredentials) throws {
        try write(credentials)
        try PrivateFile.remove(file("pending-key.pem"))
    }

    /// The node's Ed25519 key for secure aggregation; made on first use.
    public func aggregationKey() throws -> Curve25519.Signing.PrivateKey {
        try PrivateFile.makeDirectory(path)
        let name = "aggregation-key"
        if PrivateFile.exists(file(name)) {
            do {
                return try Curve25519.Signing.PrivateKey(rawRepresentation: try PrivateFile.read(file(name)))
            } catch {
                throw IdentityError(.malformed, "\(file(name)) is damaged: restore it from a backup, or remove it and enrol again")
            }
        }
        let key = Curve25519.Signing.PrivateKey()
        try PrivateFile.create(file(name), bytes: Array(key.rawRepresentation))
        return key
    }

    /// The same key as 32 bytes.
    public func aggregationKeyBytes() throws -> [UInt8] { Array(try aggregationKey().rawRepresentation) }

    // MARK: Files

    private func file(_ name: String) -> String { path + "/" + name }

    private func certificates(_ name: String) throws -> [Certificate] {
        try CertificateChain.parse(pem: String(decoding: try PrivateFile.read(file(name)), as: UTF8.self))
    }

    private func signingKey(_ name: String) throws -> P256.Signing.PrivateKey {
        try Self.key(pem: String(decoding: try PrivateFile.read(file(name)), as: UTF8.self), in: file(name))
    }

    private func keyAndChain(_ name: String) throws -> (P256.Signing.PrivateKey, [Certificate]) {
        let text = String(decoding: try PrivateFile.read(file(name)), as: UTF8.self)
        guard let start = text.range(of: "-----BEGIN CERTIFICATE-----") else {
            throw IdentityError(.malformed, "\(file(name)) holds no certificate")
        }
        return (try Self.key(pem: String(text[..<start.lowerBound]), in: file(name)), try CertificateChain.parse(pem: String(text[start.lowerBound...])))
    }

    private static func key(pem: String, in file: String) throws -> P256.Signing.PrivateKey {
        do {
            return try P256.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            throw IdentityError(.malformed, "\(file) holds no P-256 private key in PEM form")
        }
    }
}
