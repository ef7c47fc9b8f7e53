import Federation
import GRPCCore
import Logging

/// Repeats calls that failed because nobody answered, and translates errors.
struct Retrying: Sendable {
    var policy: RetryPolicy
    var connection: ClientConnection
    var logger: Logger

    /// - Parameter hasProgressed: asked after each failure: whether there was progress, so that failures are counted anew.
    func run<Result>(_ body: () async throws -> Result, hasProgressed: () -> Bool = { false }) async throws -> Result {
        var failures = 0
        while true {
            do {
                return try await body()
            } catch {
                let failure = try Self.translated(error)
                guard failure.code == .unavailable else { throw failure }
                failures = hasProgressed() ? 1 : failures + 1
                let explained = await ConnectionDiagnosis.explain(failure, connection)
                guard explained.code == .unavailable, failures < policy.attempts else { throw explained }
                let delay = policy.delay(afterFailure: failures)
                logger.info("retrying", metadata: ["reason": "\(explained)", "failures": "\(failures)", "delay": "\(delay)"])
                try await Task.sleep(for: delay)
            }
        }
    }

    /// - Throws: what is not the network's fault: cancellation, and errors of the caller's own closures.
    static func translated(_ error: any Error) throws -> FederationError {
        try Task.checkCancellation()
        switch error {
        case let error as RPCError: return FederationError(error)
        case let error as FederationError: return error
        case let error as WireFormatError:
            return FederationError(.corrupted, "the coordinator's answer breaks the protocol (\(error)): both programs must be of one version", cause: error)
        case let error as RuntimeError:
            return FederationError(.failedPrecondition, "the client is not running: \(error)", cause: error)
        case let failure as CallerFailure: throw failure.error
        default: throw error
        }
    }
}
