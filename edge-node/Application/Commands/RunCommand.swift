internal import ArgumentParser
internal import CommandSupport
internal import EdgeRuntime
internal import EdgeService
internal import EdgeStore
internal import Federation
internal import FederationGRPC
internal import FederationIdentity
internal import Foundation
internal import Logging
internal import SecureAggregation
internal import ServiceLifecycle
internal import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "run", abstract: "Attends rounds until stopped, and serves recommendations on loopback.",
            discussion: """
                SIGINT and SIGTERM stop cleanly: the coordinator is told not to wait. A node that is killed continues after its restart: an update \
                that was finished is sent again as it was, at no further charge.
                """)
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var budget: BudgetOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "The coordinator's federation port, as host:port. [default: as joined]")
    var coordinator: String?
    @Option(name: .long, help: "Where to serve recommendations, as 127.0.0.1:PORT (0 chooses a port, see ports.json), or off. [default: \(NodeSettings.defaultListen)]")
    var listen: String?
    @Flag(name: .long, help: "Allow --listen to be an address that other machines can reach.")
    var allowRemote = false
    @Option(name: .long, help: "Threads of local training; the result does not depend on it. [default: all processors]")
    var workers: Int?
    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical. [default: info]")
    var logLevel: String?
    @Option(name: .long, help: "How recommendations are found: exact scores every item, hnsw walks a graph of neighbours. [default: exact]")
    var index: String?
    @Flag(name: .long, help: "Stop when the plan is over, instead of waiting for the next.")
    var untilPlanEnds = false

    func run() async throws {
        try await reportingFailures(exitStatus) {
            var flags = SettingsLayer()
            flags.coordinator = coordinator
            flags.listen = listen
            flags.allowRemote = allowRemote ? true : nil
            flags.workers = workers
            flags.logLevel = logLevel
            flags.index = index
            budget.fill(&flags)
            let settings = try location.settings(flags)
            let end = try await attend(settings)
            switch end {
            case .planRefused(let reason): throw CommandFailure(.refused, "The plan was refused: \(reason)")
            case .budgetExhausted(let reason): throw CommandFailure(.budgetExhausted, "The plan was refused: \(reason)")
            case .planEnded, .stopped, nil: break
            }
        }
    }

    private func attend(_ settings: NodeSettings) async throws -> RunEnd? {
        // A limit on file sizes is then an error of the write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        let directory = location.node
        let credentials = try directory.identity.node()
        try credentials.checkValidity()
        guard let node = NodeID(credentials.identity.node), let endpoint = settings.coordinator else {
            throw CommandFailure(.configuration, "No coordinator is configured; run `edge-node join`, or give --coordinator host:port.")
        }
        try directory.lockForRunning()
        let seams = NodeSeams.current
        let logger = Logger(label: "edge-node") { LineLogHandler(label: $0, logLevel: settings.logLevel) }
        let storage = try directory.storage()
        let shelf = ModelShelf()
        let client = try GRPCCoordinatorClient(endpoint: endpoint, credentials: credentials, logger: logger)
        let printer = ProgressPrinter(format: output.format, isTerminal: StandardStreams.outputIsTerminal)
        let runner = NodeRunner(
            node: node, coordinator: client, storage: storage, noise: seams.noise,
            aggregationKey: try SigningKey(rawRepresentation: directory.identity.aggregationKeyBytes()), clock: seams.clock, policy: settings.budget,
            options: NodeOptions(workers: settings.workers, untilPlanEnds: untilPlanEnds, index: settings.index), shelf: shelf, faults: seams.faults,
            observe: { printer.show($0) }, logger: logger)
        let outcome = RunOutcome()
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: client, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup),
            .init(
                service: CertificateRenewal(client: client, directory: directory.identity, clock: seams.clock, logger: logger),
                successTerminationBehavior: .ignore),
        ]
        if let listen = settings.listen {
            let desk = RecommendationDesk(storage: storage, shelf: shelf, clock: seams.clock)
            let service = NodeHTTPService(desk: desk, node: node.name, address: listen, logger: logger) { port in
                logger.info("serving recommendations", metadata: ["address": "\(listen.host):\(port)"])
                try? "{\"http\":\(port)}\n".write(toFile: directory.portsFile, atomically: true, encoding: .utf8)
            }
            services.append(.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup))
        }
        services.append(
            .init(
                service: NodeRunnerService(runner: runner, outcome: outcome), successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        do { try await group.run() } catch let error where Self.isPortInUse(error) {
            throw CommandFailure(.unavailable, "\(settings.listen?.description ?? "The port") is in use; choose another with --listen, or --listen off.")
        }
        return await outcome.end
    }

    private static func isPortInUse(_ error: any Error) -> Bool {
        "\(error)".contains("errno: \(EADDRINUSE)") || "\(error)".contains("Address already in use")
    }
}
