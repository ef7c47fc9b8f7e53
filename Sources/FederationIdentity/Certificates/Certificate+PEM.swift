import Crypto
import SwiftASN1
public import X509

extension Certificate {
    /// The DER encoding.
    /// - Throws: `IdentityError` (`malformed`) when it cannot be encoded.
    public func derBytes() throws -> [UInt8] {
        do {
            var serializer = DER.Serializer()
            try serializer.serialize(self)
            return serializer.serializedBytes
        } catch {
            throw IdentityError(.malformed, "a certificate cannot be encoded: \(error)")
        }
    }

    /// SHA-256 of the DER encoding.
    public func fingerprint() throws -> [UInt8] { Array(SHA256.hash(data: try derBytes())) }

    /// The serial number as lower-case hexadecimal, the key of revocation lists.
    public var serialHex: String {
        let digits = Array("0123456789abcdef")
        return String(serialNumber.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// A chain of certificates, leaf first and root last.
public enum CertificateChain {
    /// More bytes than any chain this project makes; larger input is refused unread.
    public static let maximumByteCount = 64 * 1024

    /// - Throws: `IdentityError` (`malformed`) unless there are one to four certificates.
    public static func parse(pem: String) throws -> [Certificate] {
        guard pem.utf8.count <= maximumByteCount else { throw IdentityError(.malformed, "the certificate file is too large") }
        do {
            let documents = try PEMDocument.parseMultiple(pemString: pem)
            guard (1...4).contains(documents.count) else { throw IdentityError(.malformed, "expected 1 to 4 certificates, found \(documents.count)") }
            return try documents.map { try Certificate(pemDocument: $0) }
        } catch let error as IdentityError {
            throw error
        } catch {
            throw IdentityError(.malformed, "not a certificate in PEM form: \(error)")
        }
    }

    /// - Throws: `IdentityError` (`malformed`) unless there are one to four certificates.
    public static func parse(der: [[UInt8]]) throws -> [Certificate] {
        guard (1...4).contains(der.count), der.reduce(0, { $0 + $1.count }) <= maximumByteCount else {
            throw IdentityError(.malformed, "a certificate chain has 1 to 4 certificates and at most \(maximumByteCount) bytes")
        }
        do {
            return try der.map { try Certificate(derEncoded: $0) }
        } catch {
            throw IdentityError(.malformed, "not a certificate in DER form: \(error)")
        }
    }

    public static func pem(_ chain: [Certificate]) throws -> String {
        do {
            return try chain.map { try $0.serializeAsPEM().pemString + "\n" }.joined()
        } catch {
            throw IdentityError(.malformed, "a certificate cannot be encoded: \(error)")
        }
    }
}
