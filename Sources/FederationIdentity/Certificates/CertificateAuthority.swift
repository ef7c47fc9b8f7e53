public import Crypto
public import Foundation
import SwiftASN1
public import X509

/// The federation's certificate authority: a self-signed P-256 root that signs leaves only (path length 0).
public struct CertificateAuthority: Sendable {
    /// How long certificates live when nothing else is said.
    public enum Lifetime {
        public static let root: TimeInterval = 10 * 365 * 86_400
        public static let server: TimeInterval = 365 * 86_400
        public static let node: TimeInterval = 30 * 86_400
    }
    /// Certificates are valid from a little before they are made, for clocks that are behind.
    static let clockTolerance: TimeInterval = 5 * 60

    public let federation: String
    public let certificate: Certificate
    public let privateKey: P256.Signing.PrivateKey

    /// An authority from its stored parts.
    /// - Throws: `IdentityError` when key and certificate do not belong together or the certificate is not a root of ours.
    public init(certificate: Certificate, privateKey: P256.Signing.PrivateKey) throws {
        guard certificate.publicKey == Certificate.PublicKey(privateKey.publicKey) else {
            throw IdentityError(.wrongName, "the authority's key does not belong to its certificate: restore both files from the same backup")
        }
        self.federation = try Self.federation(of: certificate)
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// A new authority with a fresh key.
    /// - Throws: `IdentityError` (`malformed`) when the federation cannot be named so.
    public static func create(federation: String, now: Date = Date(), lifetime: TimeInterval = Lifetime.root) throws -> CertificateAuthority {
        try NodeIdentity.checkFederation(federation)
        let key = P256.Signing.PrivateKey()
        let name = try Self.name(commonName: "\(federation) root", federation: federation)
        let certificate = try signed {
            try Certificate(
                version: .v3,
                serialNumber: Self.randomSerial(),
                publicKey: Certificate.PublicKey(key.publicKey),
                notValidBefore: now.addingTimeInterval(-clockTolerance),
                notValidAfter: now.addingTimeInterval(lifetime),
                issuer: name,
                subject: name,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
                },
                issuerPrivateKey: Certificate.PrivateKey(key)
            )
        }
        return try CertificateAuthority(certificate: certificate, privateKey: key)
    }

    /// SHA-256 of the root's DER: what a join token carries.
    public func fingerprint() throws -> [UInt8] { try certificate.fingerprint() }

    /// A certificate for the coordinator's own listeners: EKU serverAuth, valid for the DNS names and IP addresses given.
    /// - Parameter hosts: DNS names or IPv4/IPv6 addresses; at least one.
    /// - Throws: `IdentityError` (`malformed`) without a host or with one that is neither.
    public func issueServer(for key: P256.Signing.PublicKey, hosts: [String], now: Date = Date(), lifetime: TimeInterval = Lifetime.server) throws -> Certificate {
        guard !hosts.isEmpty else { throw IdentityError(.malformed, "a server certificate needs at least one host name or address") }
        return try issue(
            for: Certificate.PublicKey(key), commonName: hosts[0], names: hosts.map(Self.generalName(host:)), usage: .serverAuth, now: now, lifetime: lifetime)
    }

    /// A certificate for a node from its request: EKU clientAuth and the SAN URI of the node. The request's own names are ignored.
    /// - Throws: `IdentityError` (`malformed`) when the request does not prove possession of a P-256 key.
    public func issueNode(_ node: String, request: [UInt8], now: Date = Date(), lifetime: TimeInterval = Lifetime.node) throws -> Certificate {
        let identity = try NodeIdentity(federation: federation, node: node)
        let key = try SigningRequest.verifiedPublicKey(der: request)
        return try issue(
            for: key, commonName: node, names: [.uniformResourceIdentifier(identity.uri)], usage: .clientAuth, now: now, lifetime: lifetime)
    }

    private func issue(
        for key: Certificate.PublicKey, commonName: String, names: [GeneralName], usage: ExtendedKeyUsage.Usage, now: Date, lifetime: TimeInterval
    ) throws -> Certificate {
        try Self.signed {
            try Certificate(
                version: .v3,
                serialNumber: Self.randomSerial(),
                publicKey: key,
                notValidBefore: now.addingTimeInterval(-Self.clockTolerance),
                // A leaf never outlives its root.
                notValidAfter: min(now.addingTimeInterval(lifetime), certificate.notValidAfter),
                issuer: certificate.subject,
                subject: try Self.name(commonName: commonName, federation: federation),
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage([usage])
                    SubjectAlternativeNames(names)
                    AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
                    SubjectKeyIdentifier(hash: key)
                },
                issuerPrivateKey: Certificate.PrivateKey(privateKey)
            )
        }
    }

    private static func signed(_ make: () throws -> Certificate) throws -> Certificate {
        do {
            return try make()
        } catch let error as IdentityError {
            throw error
        } catch {
            throw IdentityError(.malformed, "the certificate cannot be made: \(error)")
        }
    }

    /// 128 random bits, positive (RFC 5280 §4.1.2.2: at most 20 octets).
    private static func randomSerial() -> Certificate.SerialNumber {
        var bytes = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        // The first octet neither zero nor with its sign bit: the encoding is then these sixteen octets and nothing else.
        bytes[0] = bytes[0] & 0x7f | 0x40
        return Certificate.SerialNumber(bytes: bytes)
    }

    private static func name(commonName: String, federation: String) throws -> DistinguishedName {
        try DistinguishedName {
            OrganizationName(federation)
            CommonName(commonName)
        }
    }

    private static func federation(of root: Certificate) throws -> String {
        for relativeName in root.subject {
            for attribute in relativeName where attribute.type == .RDNAttributeType.organizationName {
                let name = attribute.value.description
                try NodeIdentity.checkFederation(name)
                return name
            }
        }
        throw IdentityError(.wrongUsage, "the authority's certificate does not name a federation")
    }

    static func generalName(host: String) throws -> GeneralName {
        if let address = IPAddress(host) { return .ipAddress(ASN1OctetString(contentBytes: address.bytes[...])) }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let allowed = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.allSatisfy { $0 < 0x80 && (Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber || $0 == UInt8(ascii: "-")) }
        }
        guard host.utf8.count <= 253, allowed else { throw IdentityError(.malformed, "“\(host)” is neither a host name nor an IP address") }
        return .dnsName(host.lowercased())
    }
}
