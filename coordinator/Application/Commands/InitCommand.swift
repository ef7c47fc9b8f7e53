import ArgumentParser
import CommandSupport
import CoordinatorCore
import CoordinatorStore
import Federation
import FederationIdentity
import Foundation

/// `coordinator init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a coordinator's directory: certificate authority, server certificate, database, commented configuration.")
    @Option(name: .long, help: "The directory to make; it must be empty or absent.")
    var directory: String
    @Option(name: .long, help: "Name of the federation: 1…63 of a-z 0-9 -.")
    var name: String
    @Option(name: .long, help: "A DNS name or address under which nodes reach this server; may be repeated.")
    var hostName: [String] = ["localhost", "127.0.0.1"]

    func run() async throws {
        try await reportingFailures(exitStatus) {
            guard NodeID(name) != nil else { throw CommandFailure(.usage, "`\(name)` is not a federation name: use 1…63 of a-z 0-9 -, not beginning with -") }
            let place = CoordinatorDirectory(root: directory)
            if let content = try? FileManager.default.contentsOfDirectory(atPath: directory), !content.isEmpty {
                throw CommandFailure(.cannotCreate, "\(directory) is not empty: choose another directory, nothing was changed")
            }
            do { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]) } catch {
                throw CommandFailure(.cannotCreate, "cannot create \(directory): \(error.localizedDescription)")
            }
            let fingerprint = try place.createIdentity(federation: name, hostNames: hostName)
            _ = try CoordinatorStores(opening: place)
            // Last, because its presence says that the directory is complete.
            try CoordinatorDirectory.replace(place.settingsFile, with: Array(CoordinatorSettings.defaultFile(name: name).utf8))
            StandardStreams.output("""
                initialised \(directory) for the federation \(name)
                root certificate fingerprint (SHA-256): \(fingerprint)
                next: coordinator catalog import items.csv --directory \(directory), then coordinator serve --directory \(directory)
                """)
        }
    }
}
