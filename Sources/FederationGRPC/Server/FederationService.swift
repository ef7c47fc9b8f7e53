import Federation
import FederationIdentity
import Foundation
import GRPCCore
import Logging
import SwiftProtobuf

/// The federation service: every request is admitted, converted, handed to the caller's session, and its errors become statuses.
struct FederationService: Tributary_Federation_V1_Federation.SimpleServiceProtocol {
    let admission: NodeAdmission
    let authority: any EnrolmentAuthority
    let session: @Sendable (NodeID) async throws -> any CoordinatorPort
    let logger: Logger

    func getCurrentPlan(
        request: Tributary_Federation_V1_GetCurrentPlanRequest, context: ServerContext
    ) async throws -> Tributary_Federation_V1_GetCurrentPlanResponse {
        try await answer(context) { session in .init(try await session.currentPlan()) }
    }

    func join(request: Tributary_Federation_V1_JoinRequest, context: ServerContext) async throws -> Tributary_Federation_V1_JoinResponse {
        try await answer(context) { session in
            try await session.join(try request.declaration())
            return .init()
        }
    }

    func nextAssignment(
        request: Tributary_Federation_V1_NextAssignmentRequest, context: ServerContext
    ) async throws -> Tributary_Federation_V1_NextAssignmentResponse {
        try await answer(context) { session in .init(try await session.nextAssignment(try request.poll())) }
    }

    func download(
        request: Tributary_Federation_V1_DownloadRequest, response: RPCWriter<Tributary_Federation_V1_DownloadChunk>, context: ServerContext
    ) async throws {
        try await answer(context) { session in
            let digest = try WireField.digest(request.digest, "digest")
            let offset = try WireField.byteCount(request.offset, "offset")
            try await session.download(digest, from: offset) { bytes in
                for start in stride(from: 0, to: bytes.count, by: WireLimits.chunkByteCount) {
                    var chunk = Tributary_Federation_V1_DownloadChunk()
                    chunk.data = Data(bytes[start..<min(start + WireLimits.chunkByteCount, bytes.count)])
                    try await response.write(chunk)
                }
            }
        }
    }

    func uploadStatus(
        request: Tributary_Federation_V1_UploadStatusRequest, context: ServerContext
    ) async throws -> Tributary_Federation_V1_UploadStatusResponse {
        try await answer(context) { session in
            let status = try await session.uploadStatus(of: try request.header.header())
            return .with { $0.state = .init(status) }
        }
    }

    func upload(
        request: RPCAsyncSequence<Tributary_Federation_V1_UploadRequest, any Error>, context: ServerContext
    ) async throws -> Tributary_Federation_V1_UploadResponse {
        try await answer(context) { session in
            let update = try await IncomingUpdate(request)
            let status = try await session.upload(update.header, from: update.startOffset, source: update)
            return .with { $0.state = .init(status) }
        }
    }

    func exchange(request: Tributary_Federation_V1_ExchangeRequest, context: ServerContext) async throws -> Tributary_Federation_V1_ExchangeResponse {
        try await answer(context) { session in .init(try await session.exchange(try request.exchange())) }
    }

    func decline(request: Tributary_Federation_V1_DeclineRequest, context: ServerContext) async throws -> Tributary_Federation_V1_DeclineResponse {
        try await answer(context) { session in
            let parts = try request.parts()
            try await session.decline(parts.round, of: parts.plan, reason: parts.reason)
            return .init()
        }
    }

    func renewCertificate(
        request: Tributary_Federation_V1_RenewCertificateRequest, context: ServerContext
    ) async throws -> Tributary_Federation_V1_RenewCertificateResponse {
        try await ServiceErrors.mapped(context, logger) {
            let caller = try await admission.caller(context)
            guard request.certificateSigningRequest.count <= SigningRequest.maximumByteCount else {
                throw WireFormatError("certificate_signing_request has more than \(SigningRequest.maximumByteCount) bytes")
            }
            let chain = try await authority.renew(
                RenewalRequest(node: caller.node, serial: caller.serial, signingRequest: Array(request.certificateSigningRequest)))
            logger.info("certificate renewed", metadata: ["node": "\(caller.node)"])
            return .with { $0.certificateChain = chain.map { Data($0) } }
        }
    }

    /// The only way to a session: through admission.
    private func answer<Response>(
        _ context: ServerContext, _ body: (any CoordinatorPort) async throws -> Response
    ) async throws -> Response {
        try await ServiceErrors.mapped(context, logger) {
            let caller = try await admission.caller(context)
            return try await body(try await session(caller.node))
        }
    }
}

enum ServiceErrors {
    /// Turns whatever a handler throws into a status. What is not meant for the caller goes to the log only.
    static func mapped<Response>(_ context: ServerContext, _ logger: Logger, _ body: () async throws -> Response) async throws -> Response {
        let metadata: Logger.Metadata = ["method": "\(context.descriptor.method)", "peer": "\(context.remotePeer)"]
        do {
            return try await body()
        } catch let error as FederationError {
            logger.debug("request refused", metadata: metadata.merging(["reason": "\(error)"]) { $1 })
            throw error.status
        } catch let error as WireFormatError {
            logger.notice("malformed request", metadata: metadata.merging(["reason": "\(error)"]) { $1 })
            throw FederationError(.invalidArgument, error.description).status
        } catch let error as IdentityError {
            throw FederationError(.invalidArgument, error.message).status
        } catch is CancellationError {
            throw FederationError(.unavailable, "the coordinator is stopping; try again").status
        } catch let error as RPCError {
            throw error
        } catch {
            logger.error("request failed", metadata: metadata.merging(["error": "\(error)"]) { $1 })
            throw FederationError(.internalError, "the coordinator failed at this request; its log says why").status
        }
    }
}
