import Crypto
import Federation
import FederationIdentity
import Foundation
import GRPCCore
import Logging
import SwiftProtobuf

/// The enrolment service.
struct EnrolmentService: Tributary_Federation_V1_Enrolment.SimpleServiceProtocol {
    let authority: any EnrolmentAuthority
    let federationPort: @Sendable () async throws -> Int
    let logger: Logger

    func enrol(request: Tributary_Federation_V1_EnrolRequest, context: ServerContext) async throws -> Tributary_Federation_V1_EnrolResponse {
        try await ServiceErrors.mapped(context, logger) {
            let enrolment = try request.enrolment()
            do {
                let chain = try await authority.enrol(enrolment)
                logger.notice("node enrolled", metadata: ["node": "\(enrolment.node)", "peer": "\(context.remotePeer)"])
                let port = try await federationPort()
                return .with {
                    $0.certificateChain = chain.map { Data($0) }
                    $0.federationPort = UInt32(port)
                }
            } catch {
                logger.notice("enrolment refused", metadata: ["node": "\(enrolment.node)", "peer": "\(context.remotePeer)", "reason": "\(error)"])
                throw error
            }
        }
    }
}

extension Tributary_Federation_V1_EnrolRequest {
    /// - Throws: `WireFormatError` when a field breaks its rule or the aggregation key's possession is not proven.
    package func enrolment() throws -> EnrolmentRequest {
        guard let node = NodeID(node) else { throw WireFormatError("node is not a node name") }
        guard tokenSecret.count == JoinToken.secretByteCount else { throw WireFormatError("token_secret has \(tokenSecret.count) bytes; it must have 32") }
        guard certificateSigningRequest.count <= SigningRequest.maximumByteCount else {
            throw WireFormatError("certificate_signing_request has more than \(SigningRequest.maximumByteCount) bytes")
        }
        var aggregationKey: [UInt8]?
        if !aggregationPublicKey.isEmpty {
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: aggregationPublicKey), aggregationPublicKey.count == 32,
                key.isValidSignature(aggregationKeyProof, for: certificateSigningRequest)
            else { throw WireFormatError("aggregation_key_proof does not prove possession of aggregation_public_key") }
            aggregationKey = Array(aggregationPublicKey)
        } else if !aggregationKeyProof.isEmpty {
            throw WireFormatError("aggregation_key_proof is there without aggregation_public_key")
        }
        return EnrolmentRequest(
            node: node, tokenSecretDigest: Digest(of: tokenSecret), signingRequest: Array(certificateSigningRequest), aggregationPublicKey: aggregationKey)
    }
}
