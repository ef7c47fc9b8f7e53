package import Federation
package import GRPCCore

/// FederationError ⇄ gRPC status. The exact code travels in the trailing metadata `tributary-code`; the status is what a
/// program in another language sees, and what a middlebox or library may also produce on its own.
extension FederationError {
    static let metadataKey = "tributary-code"

    private static let table: [(code: Code, status: RPCError.Code)] = [
        (.invalidArgument, .invalidArgument),
        (.invalidPlan, .invalidArgument),
        (.unavailable, .unavailable),
        (.rejected, .permissionDenied),
        (.notFound, .notFound),
        (.failedPrecondition, .failedPrecondition),
        (.budgetExhausted, .resourceExhausted),
        (.unauthenticated, .unauthenticated),
        (.corrupted, .dataLoss),
        (.internalError, .internalError),
    ]

    /// What goes over the wire; the cause stays behind.
    package var status: RPCError {
        let status = Self.table.first { $0.code == code }?.status ?? .internalError
        return RPCError(code: status, message: message, metadata: [Self.metadataKey: "\(code)"])
    }

    /// What a caller is told about a failed call.
    package init(_ error: RPCError) {
        let named = error.metadata[stringValues: Self.metadataKey].first { _ in true }
        if let named, let entry = Self.table.first(where: { "\($0.code)" == named }) {
            self.init(entry.code, error.message, cause: error)
            return
        }
        switch error.code {
        case .deadlineExceeded, .cancelled, .aborted:
            self.init(.unavailable, "the coordinator did not answer in time", cause: error)
        case .resourceExhausted:
            self.init(.invalidArgument, "a message is larger than the protocol allows (\(WireLimits.messageByteCount) bytes): \(error.message)", cause: error)
        case .unimplemented:
            self.init(.failedPrecondition, "the coordinator does not offer this request on this port: check the port, and that both programs are of one version", cause: error)
        case .unknown:
            // Without our metadata this is a connection that broke, not an answer.
            self.init(.unavailable, "the connection to the coordinator broke: \(error.message)", cause: error)
        default:
            let code = Self.table.first { $0.status == error.code }?.code ?? .internalError
            self.init(code, error.message, cause: error)
        }
    }
}
