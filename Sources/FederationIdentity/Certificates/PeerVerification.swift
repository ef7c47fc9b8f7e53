import Foundation
import SwiftASN1
public import X509

/// Judges the certificates of the other end of a connection. Both ends use it in place of the TLS library's own rules, so that
/// the reasons are the same everywhere and can be told.
public struct PeerVerification: Sendable {
    /// Which certificates are trusted.
    public enum Trust: Sendable {
        /// The federation's root.
        case root(Certificate)
        /// Whichever root in the presented chain has this SHA-256: the first connection with a join token.
        case fingerprint([UInt8])
    }
    /// What the peer must be.
    public enum Role: Sendable {
        /// A coordinator that may be called by this host name or address.
        case coordinator(host: String)
        /// A node of this federation.
        case node(federation: String)
    }
    public var trust: Trust
    public var role: Role

    public init(trust: Trust, role: Role) {
        self.trust = trust
        self.role = role
    }

    /// Checks signatures up to the trusted root, validity, extended key usage and name.
    /// - Parameter chain: as presented, leaf first.
    /// - Returns: the validated chain, leaf first, root last.
    /// - Throws: `IdentityError` with the reason.
    public func verify(_ chain: [Certificate]) async throws -> [Certificate] {
        guard let leaf = chain.first else { throw IdentityError(.untrusted, "the other end presented no certificate") }
        let root = try trustedRoot(presented: chain)
        try checkValidity(of: leaf)
        try checkUsage(of: leaf)
        var verifier = Verifier(rootCertificates: CertificateStore([root])) {
            RFC5280Policy()
            ServerNamePolicy(role: role)
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(chain.dropFirst())) {
        case .validCertificate(let validated):
            if case .node(let federation) = role {
                let identity = try NodeIdentity(certificate: leaf)
                guard identity.federation == federation else {
                    throw IdentityError(.wrongName, "the certificate is for a node of the federation “\(identity.federation)”, this is “\(federation)”")
                }
            }
            return Array(validated)
        case .couldNotValidate(let failures):
            if let failure = failures.first, case .coordinator(let host) = role, failure.policyFailureReason.description.contains(ServerNamePolicy.marker) {
                throw IdentityError(
                    .wrongName, "the coordinator's certificate is not valid for “\(host)”: call it by a name it was made for, or have the operator add the name with `coordinator init --host`")
            }
            if let failure = failures.first {
                throw IdentityError(.untrusted, "the certificate is not acceptable: \(failure.policyFailureReason)")
            }
            throw IdentityError(.untrusted, "the certificate is not signed by this federation's certificate authority")
        }
    }

    private func trustedRoot(presented chain: [Certificate]) throws -> Certificate {
        switch trust {
        case .root(let root): return root
        case .fingerprint(let fingerprint):
            for certificate in chain where try certificate.fingerprint() == fingerprint { return certificate }
            throw IdentityError(
                .untrusted,
                "the server that answered is not of the certificate authority the token was made for: check the address, and that the token comes from this coordinator")
        }
    }

    private func checkValidity(of leaf: Certificate) throws {
        let now = Date()
        if leaf.notValidAfter < now {
            throw IdentityError(.expired, "the certificate expired at \(leaf.notValidAfter.formatted(.iso8601))")
        }
        if leaf.notValidBefore > now {
            throw IdentityError(.expired, "the certificate is valid only from \(leaf.notValidBefore.formatted(.iso8601)); check the clocks of both machines")
        }
    }

    private func checkUsage(of leaf: Certificate) throws {
        let usages = (try? leaf.extensions.extendedKeyUsage) ?? nil
        let wanted: ExtendedKeyUsage.Usage
        switch role {
        case .coordinator: wanted = .serverAuth
        case .node: wanted = .clientAuth
        }
        guard let usages, usages.contains(wanted) else {
            throw IdentityError(.wrongUsage, "the certificate was not made for this side of a connection")
        }
    }
}

/// The name check for coordinators, with a mark by which its verdict can be told from others.
private struct ServerNamePolicy: VerifierPolicy {
    static let marker = "[host name]"
    var role: PeerVerification.Role
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = []

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        guard case .coordinator(let host) = role else { return .meetsPolicy }
        let isAddress = IPAddress(host) != nil
        var policy = ServerIdentityPolicy(serverHostname: isAddress ? nil : host, serverIP: isAddress ? host : nil)
        switch policy.chainMeetsPolicyRequirements(chain: chain) {
        case .meetsPolicy: return .meetsPolicy
        case .failsToMeetPolicy(let reason): return .failsToMeetPolicy(reason: "\(Self.marker) \(reason)")
        }
    }
}
