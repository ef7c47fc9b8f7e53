import ArgumentParser
import CommandSupport
import CoordinatorCore
import Federation
import FederationGRPC
import FederationIdentity
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `coordinator serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run: admit nodes, run rounds, hand out models, until stopped by SIGINT or SIGTERM.",
        discussion: "Killed at any moment, the next start continues the same round; nothing that was acknowledged is lost.")
    @OptionGroup var directory: DirectoryOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Address to listen on.")
    var host: String?
    @Option(name: .long, help: "Port for nodes that have a certificate; 0 lets the system choose.")
    var federationPort: Int?
    @Option(name: .long, help: "Port for enrolment; 0 lets the system choose.")
    var enrolmentPort: Int?
    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let place = directory.value
            try place.requireInitialised()
            let settings = try CoordinatorSettings(
                yaml: String(decoding: try CoordinatorDirectory.read(place.settingsFile), as: UTF8.self), fileName: place.settingsFile,
                flags: .init(host: host, federationPort: federationPort, enrolmentPort: enrolmentPort, logLevel: logLevel),
                environment: ProcessInfo.processInfo.environment)
            let logger = Logger(label: "coordinator") { LineLogHandler(label: $0, logLevel: settings.logLevel) }
            try await withDirectoryLock(place.root + "/serve.lock", "another `coordinator serve` runs in \(place.root): stop it first, or use another directory") {
                try await serve(place, settings, logger)
            }
        }
    }

    private func serve(_ place: CoordinatorDirectory, _ settings: CoordinatorSettings, _ logger: Logger) async throws {
        let composition = CoordinatorComposition.current
        let stores = try CoordinatorStores(place)
        let authority = try place.identityDirectory.authority()
        let coordinator = Coordinator(
            storage: stores.storage, clock: composition.clock, noise: composition.noise, logger: logger, faults: composition.faults)
        let server = try FederationServer(
            configuration: .init(
                enrolment: Endpoint(host: settings.host, port: settings.enrolmentPort), federation: Endpoint(host: settings.host, port: settings.federationPort)),
            credentials: try place.serverCredentials(authority),
            authority: RegistryAuthority(registry: stores.storage, authority: authority, clock: composition.clock),
            session: { coordinator.session(for: $0) }, logger: logger)
        let announcer = PortAnnouncer(server: server, host: settings.host, portsFile: place.portsFile, format: output.format)
        try await ServiceGroup(services: [coordinator, server, announcer], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }
}

/// Says on standard output, and in a file for scripts, which ports are open.
private struct PortAnnouncer: Service {
    var server: FederationServer
    var host: String
    var portsFile: String
    var format: OutputFormat

    private struct Ports: Encodable { var enrolment: Int, federation: Int }

    func run() async throws {
        // When the ports cannot be opened the server itself fails with the reason.
        if let ports = try? await server.ports {
            let line = try Ports(enrolment: ports.enrolment, federation: ports.federation).jsonLine()
            try CoordinatorDirectory.replace(portsFile, with: Array((line + "\n").utf8))
            switch format {
            case .json: StandardStreams.output(line)
            case .text: StandardStreams.output("serving nodes on \(host):\(ports.federation), enrolment on \(host):\(ports.enrolment)")
            }
        }
        try? await gracefulShutdown()
    }
}
