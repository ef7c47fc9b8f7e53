import ArgumentParser
import CommandSupport
import CoordinatorCore
import Federation
import Interactions

/// `coordinator catalog …`
struct CatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "catalog", abstract: "The list of items that plans are made for.", subcommands: [Import.self, Show.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a CSV file with the columns item_id, title, categories as the catalog of the next plans.",
            discussion: "A plan that was started keeps the catalog it was started with. Row order is the item's index in the model.")
        @OptionGroup var directory: DirectoryOptions
        @Argument(help: "The CSV file.")
        var file: String

        func run() async throws {
            try await reportingFailures(exitStatus) {
                try directory.value.requireInitialised()
                let catalog = try Catalog.reading(file)
                let bytes = catalog.encoded()
                try CoordinatorDirectory.replace(directory.value.catalogFile, with: bytes)
                StandardStreams.output("catalog of \(catalog.count) items, digest \(Digest(of: bytes).short)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the size and digest of the catalog of the next plans.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions

        private struct Answer: Encodable { var items: Int, digest: String }

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let (catalog, bytes) = try directory.value.catalog()
                let digest = Digest(of: bytes).hex
                StandardStreams.output(output.format == .json ? try Answer(items: catalog.count, digest: digest).jsonLine() : "\(catalog.count) items, digest \(digest)")
            }
        }
    }
}

extension Catalog {
    /// Reads a catalog file; a malformed one fails with its line and the status of malformed input.
    static func reading(_ path: String) throws -> Catalog {
        let bytes = try CoordinatorDirectory.read(path)
        do { return try Catalog(csv: bytes, fileName: path) } catch { throw CommandFailure(.dataError, "\(error)") }
    }
}

extension CoordinatorDirectory {
    /// The imported catalog and its canonical bytes.
    func catalog() throws -> (Catalog, [UInt8]) {
        try requireInitialised()
        guard let bytes = try? Self.read(catalogFile) else {
            throw CommandFailure(.configuration, "there is no catalog yet: run `coordinator catalog import items.csv --directory \(root)` first")
        }
        let catalog = try Catalog.reading(catalogFile)
        return (catalog, bytes)
    }
}
