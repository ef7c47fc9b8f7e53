import Crypto
public import Federation
public import FederationIdentity
import Foundation
public import Logging
public import ServiceLifecycle

/// Keeps a node's certificate fresh: after two thirds of its life a new one for a new key, stored before it is used.
public struct CertificateRenewal: Service {
    private let client: GRPCCoordinatorClient
    private let directory: IdentityDirectory
    private let clock: any FederationClock
    private let logger: Logger
    /// How long to wait after an attempt that failed, and at most between looks at the clock.
    private let interval: Duration

    public init(
        client: GRPCCoordinatorClient, directory: IdentityDirectory, clock: any FederationClock = SystemClock(), interval: Duration = .seconds(3600),
        logger: Logger
    ) {
        self.client = client
        self.directory = directory
        self.clock = clock
        self.interval = interval
        self.logger = logger
    }

    /// Looks at the certificate now and then until cancelled or shut down gracefully. A failed renewal is logged and tried again.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                do {
                    if try await renewIfDue() { logger.notice("this node's certificate was renewed") }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("this node's certificate could not be renewed and will be tried again", metadata: ["reason": "\(error)"])
                }
                try await clock.sleep(until: clock.now + interval)
            }
        }
    }

    /// Renews the stored certificate when two thirds of its life are over.
    /// - Returns: whether it was renewed.
    public func renewIfDue() async throws -> Bool {
        let now = Date(timeIntervalSince1970: Double(clock.now.milliseconds) / 1000)
        guard now >= (try directory.node().renewalTime) else { return false }
        let credentials = try await client.renewCertificate(for: NodeKey())
        try directory.write(credentials)
        try await client.adopt(credentials)
        return true
    }
}
