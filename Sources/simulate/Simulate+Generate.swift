import ArgumentParser
import CommandSupport
import Foundation
import Interactions
import RankingEvaluation
import SeededRandom

/// A synthetic world as files.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a synthetic world: catalog.csv and a file of events for each silo.",
        discussion: "The files depend on the options alone: the same seed gives the same bytes.")

    @Option(help: "How many users.") var users = 6000
    @Option(help: "How many items; at least 20.") var items = 2000
    @Option(help: "Mean number of events of a user.") var meanEvents = 50.0
    @Option(help: "Seed of the world.") var seed: UInt64 = 1
    @Option(help: "How many silos the users are divided into.") var silos = 1
    @Option(help: ArgumentHelp("Make silos differ in taste: α of a Dirichlet law over the categories; 0.1 differ much, 100 hardly. Without it users are divided by hash.", valueName: "alpha"))
    var siloAlpha: Double?
    @Option(help: "Where to write; made if it does not exist.") var outputDirectory = "."
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard silos >= 1 else { throw ValidationError("--silos must be at least 1") }
        if let siloAlpha, !(siloAlpha > 0 && siloAlpha.isFinite) { throw ValidationError("--silo-alpha must be above 0") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: users, itemCount: items, meanEvents: meanEvents), seed: seed)
            let table = world.interactions()
            let assignment =
                if let siloAlpha {
                    SiloAssignment.byDirichlet(
                        table, count: silos, alpha: siloAlpha, clusters: ItemClusters.byCategory(table, catalog: world.catalog),
                        stream: RandomStream(seed: seed, "silos"))
                } else {
                    SiloAssignment.byHash(table, count: silos, seed: seed)
                }
            let directory = URL(filePath: outputDirectory, directoryHint: .isDirectory)
            do {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                try Data(world.catalog.encoded()).write(to: directory.appending(path: "catalog.csv"), options: .atomic)
                for silo in assignment.silos {
                    try Data(silo.table.encodedCSV()).write(to: directory.appending(path: "\(silo.name).csv"), options: .atomic)
                }
            } catch {
                throw CommandFailure(.cannotCreate, "the files cannot be written to \(outputDirectory): \(error.localizedDescription); check the path and the free space")
            }
            let report = GenerationReport(
                users: users, items: items, events: table.count, seed: seed, popularityGini: Concentration.gini(table.eventsPerItem),
                catalogDigest: hexadecimal(world.catalog.digest),
                silos: assignment.silos.map { .init(name: $0.name, users: $0.table.users.count, events: $0.table.count) })
            StandardStreams.output(output.format == .json ? try report.jsonLine() : report.text)
        }
    }
}

/// What `simulate generate` prints.
private struct GenerationReport: Encodable {
    struct Silo: Encodable {
        var name: String
        var users: Int
        var events: Int
    }
    var users: Int
    var items: Int
    var events: Int
    var seed: UInt64
    var popularityGini: Double
    var catalogDigest: String
    var silos: [Silo]

    enum CodingKeys: String, CodingKey {
        case users, items, events, seed, silos
        case popularityGini = "popularity_gini"
        case catalogDigest = "catalog_digest"
    }

    var text: String {
        var table = TextTable([("silo", .left), ("users", .right), ("events", .right)])
        for silo in silos { table.add([silo.name, "\(silo.users)", "\(silo.events)"]) }
        return """
            \(users) users · \(items) items · \(events) events · popularity Gini \(decimal(popularityGini, 4)) · seed \(seed) · catalog \(catalogDigest.prefix(12))
            \(table.rendered())
            """
    }
}
