internal import EdgeRuntime
internal import Federation
internal import FederationGRPC
internal import FederationIdentity
internal import Foundation
internal import Logging
internal import ServiceLifecycle

/// The node at work as a service: a graceful shutdown cancels it, and it tells the coordinator.
struct NodeRunnerService: Service {
    let runner: NodeRunner
    let outcome: RunOutcome

    func run() async throws {
        try await cancelWhenGracefulShutdown { await outcome.record(try await runner.run()) }
    }
}

/// How the run ended, for the exit code.
actor RunOutcome {
    private(set) var end: RunEnd?
    func record(_ end: RunEnd) { self.end = end }
}

/// Renews the certificate when two thirds of its life are over, with a new key.
struct CertificateRenewal: Service {
    let client: GRPCCoordinatorClient
    let directory: IdentityDirectory
    let clock: any FederationClock
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let credentials = try directory.node()
                let due = WallTime(milliseconds: Int64(credentials.renewalTime.timeIntervalSince1970 * 1000))
                do {
                    try await clock.sleep(until: due)
                    let renewed = try await client.renewCertificate(for: try directory.pendingKey())
                    try directory.finishRequest(renewed)
                    try await client.adopt(renewed)
                    logger.info("certificate renewed", metadata: ["expires": "\(renewed.expiryTime)"])
                } catch is CancellationError { return } catch {
                    logger.warning("certificate not renewed; trying again in ten minutes", metadata: ["error": "\(error)"])
                    do { try await clock.sleep(until: clock.now + .seconds(600)) } catch { return }
                }
            }
        }
    }
}
