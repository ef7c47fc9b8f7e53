public import EdgeRuntime
package import Hummingbird
public import Logging
public import ServiceLifecycle

/// Serves recommendations and takes events over HTTP until it is shut down.
public struct NodeHTTPService: Service {
    private let desk: RecommendationDesk
    private let node: String
    private let address: ListenAddress
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - onListening: told the port once connections are taken.
    public init(
        desk: RecommendationDesk, node: String, address: ListenAddress, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.desk = desk
        self.node = node
        self.address = address
        self.logger = logger
        self.onListening = onListening
    }

    /// - Throws: when the port is in use or may not be opened.
    public func run() async throws { try await application().run() }

    /// The application that ``run()`` runs, for tests to send requests to.
    package func application() -> some ApplicationProtocol {
        let listening = onListening
        return Application(
            router: NodeRoutes(desk: desk, node: node).router(checksHost: address.isLoopback),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: "tributary"),
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? 0) }, logger: logger)
    }
}
