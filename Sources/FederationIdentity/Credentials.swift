public import Crypto
public import Foundation
import SwiftASN1
public import X509

/// What a node proves its identity with: its key, and the chain from its certificate to the federation's root.
public struct NodeCredentials: Sendable {
    public let identity: NodeIdentity
    /// Leaf first, root last.
    public let chain: [Certificate]
    public let privateKey: P256.Signing.PrivateKey

    /// - Throws: `IdentityError` when the key does not belong to the leaf, the chain has no root, or the leaf is not a node's.
    public init(chain: [Certificate], privateKey: P256.Signing.PrivateKey) throws {
        guard chain.count >= 2 else { throw IdentityError(.malformed, "the chain must hold the node's certificate and the root's") }
        guard chain[0].publicKey == Certificate.PublicKey(privateKey.publicKey) else {
            throw IdentityError(.wrongName, "the node's key does not belong to its certificate: enrol again with a new token")
        }
        identity = try NodeIdentity(certificate: chain[0])
        self.chain = chain
        self.privateKey = privateKey
    }

    public var certificate: Certificate { chain[0] }
    public var root: Certificate { chain[chain.count - 1] }

    /// When the certificate stops being valid.
    public var expiryTime: Date { certificate.notValidAfter }

    /// When a new certificate should be asked for: two thirds into the life of this one.
    public var renewalTime: Date {
        let life = certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore)
        return certificate.notValidBefore.addingTimeInterval(life * 2 / 3)
    }

    /// - Throws: `IdentityError` (`expired`) when the certificate is not valid now.
    public func checkValidity(now: Date = Date()) throws {
        if certificate.notValidAfter < now {
            throw IdentityError(
                .expired,
                "this node's certificate expired at \(certificate.notValidAfter.formatted(.iso8601)): enrol again with a new token (`coordinator token create --node \(identity.node)`)")
        }
        if certificate.notValidBefore > now {
            throw IdentityError(.expired, "this node's certificate is valid only from \(certificate.notValidBefore.formatted(.iso8601)): check this machine's clock")
        }
    }
}

/// What the coordinator's listeners prove their identity with.
public struct ServerCredentials: Sendable {
    public let federation: String
    /// Leaf first, root last; the root is presented too, since a joining node knows only its fingerprint.
    public let chain: [Certificate]
    public let privateKey: P256.Signing.PrivateKey

    /// - Throws: `IdentityError` when the key does not belong to the leaf or the chain has no root.
    public init(federation: String, chain: [Certificate], privateKey: P256.Signing.PrivateKey) throws {
        guard chain.count >= 2 else { throw IdentityError(.malformed, "the chain must hold the server's certificate and the root's") }
        guard chain[0].publicKey == Certificate.PublicKey(privateKey.publicKey) else {
            throw IdentityError(.wrongName, "the server's key does not belong to its certificate")
        }
        self.federation = federation
        self.chain = chain
        self.privateKey = privateKey
    }

    /// Fresh credentials from the authority.
    public init(authority: CertificateAuthority, hosts: [String], now: Date = Date(), lifetime: TimeInterval = CertificateAuthority.Lifetime.server) throws {
        let key = P256.Signing.PrivateKey()
        let leaf = try authority.issueServer(for: key.publicKey, hosts: hosts, now: now, lifetime: lifetime)
        try self.init(federation: authority.federation, chain: [leaf, authority.certificate], privateKey: key)
    }

    public var certificate: Certificate { chain[0] }
    public var root: Certificate { chain[chain.count - 1] }

    /// When a new certificate should be made: two thirds into the life of this one.
    public var renewalTime: Date {
        let life = certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore)
        return certificate.notValidBefore.addingTimeInterval(life * 2 / 3)
    }

    /// The DNS names and addresses the certificate is valid for, as text.
    public var hosts: [String] {
        let names = ((try? certificate.extensions.subjectAlternativeNames) ?? nil) ?? SubjectAlternativeNames()
        return names.compactMap { name in
            switch name {
            case .dnsName(let host): host
            case .ipAddress(let address): IPAddress(bytes: Array(address.bytes))?.description
            default: nil
            }
        }
    }
}
