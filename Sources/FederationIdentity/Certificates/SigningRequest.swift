public import Crypto
import SwiftASN1
public import X509

/// Requests for certificates (PKCS #10). A request proves possession of its private key; the names in it are ignored.
public enum SigningRequest {
    /// A P-256 request is below 300 bytes; larger ones are refused unread.
    public static let maximumByteCount = 4096

    /// The DER of a request for this key. `node` goes into the common name, for people who look at it.
    public static func make(node: String, key: P256.Signing.PrivateKey) throws -> [UInt8] {
        do {
            let request = try CertificateSigningRequest(
                version: .v1,
                subject: DistinguishedName { CommonName(node) },
                privateKey: Certificate.PrivateKey(key),
                attributes: CertificateSigningRequest.Attributes()
            )
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            return serializer.serializedBytes
        } catch {
            throw IdentityError(.malformed, "the certificate request cannot be made: \(error)")
        }
    }

    /// The public key of a request whose signature is right.
    /// - Throws: `IdentityError` (`malformed`) when the request is too large, cannot be read, is not for a P-256 key, or is not signed by it.
    public static func verifiedPublicKey(der: [UInt8]) throws -> Certificate.PublicKey {
        guard der.count <= maximumByteCount else {
            throw IdentityError(.malformed, "the certificate request has \(der.count) bytes; at most \(maximumByteCount) are accepted")
        }
        let request: CertificateSigningRequest
        do {
            request = try CertificateSigningRequest(derEncoded: der)
        } catch {
            throw IdentityError(.malformed, "the certificate request is not a PKCS #10 request in DER form")
        }
        guard P256.Signing.PublicKey(request.publicKey) != nil else {
            throw IdentityError(.malformed, "the certificate request is not for a P-256 key")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw IdentityError(.malformed, "the certificate request is not signed by its own key")
        }
        return request.publicKey
    }

    /// SHA-256 of the SubjectPublicKeyInfo (DER) of a request whose signature is right: the same for every request of one key.
    /// - Throws: as ``verifiedPublicKey(der:)``.
    public static func publicKeyDigest(der: [UInt8]) throws -> SHA256.Digest {
        SHA256.hash(data: Array(try verifiedPublicKey(der: der).subjectPublicKeyInfoBytes))
    }
}
