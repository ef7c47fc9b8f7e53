import Crypto
import Federation
import FederationIdentity
import Foundation
import NIOCore
import NIOSSL
import X509

/// TLS as this protocol uses it: version 1.3, ALPN `h2`, verification by `PeerVerification`.
enum TLSContexts {
    static func server(_ credentials: ServerCredentials, requiringClientCertificate: Bool) throws -> NIOSSLContext {
        try context {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try certificates(credentials.chain).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(credentials.privateKey.derRepresentation), format: .der)))
            if requiringClientCertificate {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = .certificates(try certificates([credentials.root]))
            }
            return configuration
        }
    }

    /// - Parameter credentials: `nil` for enrolment.
    static func client(_ credentials: NodeCredentials?) throws -> NIOSSLContext {
        try context {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let credentials {
                // The leaf alone: the other end knows the root.
                configuration.certificateChain = try certificates([credentials.certificate]).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(credentials.privateKey.derRepresentation), format: .der))
            }
            // The callback takes the place of the library's verification and checks the host name too; without a mode the
            // callback would not be asked.
            configuration.certificateVerification = .noHostnameVerification
            return configuration
        }
    }

    private static func context(_ make: () throws -> TLSConfiguration) throws -> NIOSSLContext {
        do {
            var configuration = try make()
            configuration.minimumTLSVersion = .tlsv13
            configuration.applicationProtocols = ["h2"]
            return try NIOSSLContext(configuration: configuration)
        } catch let error as IdentityError {
            throw error
        } catch {
            throw FederationError(.failedPrecondition, "the key or certificate cannot be used for TLS: \(error)", cause: error)
        }
    }

    private static func certificates(_ chain: [Certificate]) throws -> [NIOSSLCertificate] {
        try chain.map { try NIOSSLCertificate(bytes: $0.derBytes(), format: .der) }
    }

    /// The TLS library's callback form of an asynchronous verification.
    static func callback(
        _ verify: @escaping @Sendable ([Certificate]) async throws -> [Certificate]
    ) -> @Sendable ([NIOSSLCertificate], EventLoopPromise<NIOSSLVerificationResultWithMetadata>) -> Void {
        { presented, promise in
            promise.completeWithTask {
                do {
                    let validated = try await verify(try CertificateChain.parse(der: presented.map { try $0.toDERBytes() }))
                    return .certificateVerified(VerificationMetadata(NIOSSL.ValidatedCertificateChain(try certificates(validated))))
                } catch {
                    return .failed
                }
            }
        }
    }
}
