internal import EdgeRuntime
internal import Federation
internal import Hummingbird
internal import Logging

/// Turns every error into a status and a JSON body; internal details go to the log, not to the caller.
struct ErrorAnswers<Context: RequestContext>: RouterMiddleware {
    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            return try answer(error.status, "invalid-request", error.body ?? error.status.reasonPhrase, request, context)
        } catch let error as FederationError {
            let status: HTTPResponse.Status =
                switch error.code {
                case .notFound: .notFound
                case .failedPrecondition, .unavailable: .serviceUnavailable
                case .invalidArgument: .badRequest
                default: .internalServerError
                }
            return try answer(status, "\(error.code)", error.message, request, context)
        } catch let error as StorageError {
            context.logger.error("storage failed", metadata: ["error": "\(error)"])
            return try answer(error.code == .full ? HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage") : .serviceUnavailable, "storage", error.message, request, context)
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return try answer(.internalServerError, "internal", "The node failed to answer; its log has the cause.", request, context)
        }
    }

    private func answer(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, _ request: Request, _ context: Context
    ) throws -> Response {
        var response = try ErrorAnswer(error: .init(code: code, message: message)).response(from: request, context: context)
        response.status = status
        return response
    }
}

/// Keeps web pages out: a page that a browser of this machine shows can send requests to loopback, but neither under a loopback
/// name (its host name was rebound) nor, without asking first, with a JSON body.
struct LocalCallersOnly<Context: RequestContext>: RouterMiddleware {
    /// Whether the listener is on loopback, so that the host must be named so.
    let checksHost: Bool

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        if checksHost, let authority = request.head.authority {
            let address = ListenAddress(authority) ?? ListenAddress(authority + ":80")
            guard address?.isLoopback == true else {
                throw HTTPError(.misdirectedRequest, message: "This node answers on loopback only; call it as 127.0.0.1 or localhost, not \(authority).")
            }
        }
        if request.method == .post {
            let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() }
            guard type == "application/json" else {
                throw HTTPError(.unsupportedMediaType, message: "Send the body as JSON, with the header Content-Type: application/json.")
            }
        }
        return try await next(request, context)
    }
}
