import ArgumentParser
import CommandSupport
import DataFiles
import Foundation
import Interactions
import SeededRandom

/// A file of events shared out to silos, as files that nodes import.
struct Split: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Share a file of events out to silos: catalog.csv and a file of events for each silo.",
        discussion: """
            For experiments: a real federation never has its events in one file, and its catalog is the operator's own. The catalog written here is \
            made from the file, in order of first appearance.
            """)

    @Argument(help: "The file of events.") var file: String
    @OptionGroup var input: InputOptions
    @Option(help: "How many silos users are divided into by hash; not with --silo-column.") var silos: Int?
    @Option(help: ArgumentHelp("Make silos differ in taste: α of a Dirichlet law over clusters of items that occur together; 0.1 differ much, 100 hardly.", valueName: "alpha"))
    var siloAlpha: Double?
    @Option(help: "With --silo-column: leave out silos with fewer users.") var minimumUsers = 1
    @Option(help: "Seed of the division.") var seed: UInt64 = 1
    @Option(help: "Where to write; made if it does not exist.") var outputDirectory = "."
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (silos != nil) != (input.siloColumn != nil) else { throw ValidationError("give either --silos or --silo-column") }
        guard silos.map({ $0 >= 1 }) ?? true else { throw ValidationError("--silos must be at least 1") }
        guard minimumUsers >= 1 else { throw ValidationError("--minimum-users must be at least 1") }
        if let siloAlpha, !(siloAlpha > 0 && siloAlpha.isFinite) { throw ValidationError("--silo-alpha must be above 0") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            let read = try input.read(file)
            let (table, _) = input.pipeline.apply(to: read.table)
            let assignment = try assignment(of: table)
            let catalog = try Catalog(items: table.items.identifiers.map { CatalogItem(id: $0, title: $0) })
            let directory = URL(filePath: outputDirectory, directoryHint: .isDirectory)
            var written: [SplitReport.Silo] = []
            do {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                try Data(catalog.encoded()).write(to: directory.appending(path: "catalog.csv"), options: .atomic)
                for silo in assignment.silos {
                    try Data(silo.table.encodedCSV()).write(to: directory.appending(path: "\(silo.name).csv"), options: .atomic)
                    written.append(.init(name: silo.name, users: silo.table.users.count, events: silo.table.count))
                }
            } catch {
                throw CommandFailure(.cannotCreate, "the files cannot be written to \(outputDirectory): \(error.localizedDescription); check the path and the free space")
            }
            let report = SplitReport(
                users: table.users.count, items: catalog.count, events: table.count, dataDigest: hexadecimal(read.digest), read: read.report.lines, silos: written,
                leftOut: assignment.leftOut.map { .init(name: $0.name, users: $0.userCount) }, usersInSeveralSilos: assignment.usersInSeveralSilos)
            StandardStreams.output(output.format == .json ? try report.jsonLine() : report.text)
        }
    }

    private func assignment(of table: InteractionTable) throws -> SiloAssignment {
        guard let silos else { return try .byColumn(table, minimumUsers: minimumUsers) }
        guard let siloAlpha else { return .byHash(table, count: silos, seed: seed) }
        let stream = RandomStream(seed: seed, "silos")
        return .byDirichlet(
            table, count: silos, alpha: siloAlpha, clusters: ItemClusters.byCooccurrence(table, count: 16, stream: stream.child("clusters")), stream: stream)
    }
}

/// What `simulate split` prints.
private struct SplitReport: Encodable {
    struct Silo: Encodable {
        var name: String
        var users: Int
        var events: Int
    }
    struct LeftOut: Encodable {
        var name: String
        var users: Int
    }
    var users: Int
    var items: Int
    var events: Int
    var dataDigest: String
    /// How the file was read: rows left out and why.
    var read: [String]
    var silos: [Silo]
    /// Silos with too few users.
    var leftOut: [LeftOut]
    /// They break the assumption "one user, one node": each of the nodes protects them by itself, and together they may lose twice the ε.
    var usersInSeveralSilos: [String]

    enum CodingKeys: String, CodingKey {
        case users, items, events, read, silos
        case dataDigest = "data_digest"
        case leftOut = "left_out"
        case usersInSeveralSilos = "users_in_several_silos"
    }

    var text: String {
        var table = TextTable([("silo", .left), ("users", .right), ("events", .right)])
        for silo in silos { table.add([silo.name, "\(silo.users)", "\(silo.events)"]) }
        var lines = read + ["\(users) users · \(items) items · \(events) events · data \(dataDigest.prefix(12))", table.rendered()]
        if !leftOut.isEmpty { lines.append("left out, too few users: " + leftOut.map { "\($0.name) (\($0.users))" }.joined(separator: ", ")) }
        if !usersInSeveralSilos.isEmpty {
            lines.append("\(usersInSeveralSilos.count) users occur in more than one silo and break “one user, one node”: \(usersInSeveralSilos.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }
}
