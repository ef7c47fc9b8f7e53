import ArgumentParser
import CommandSupport
import CoordinatorCore
import CoordinatorStore
import Federation

/// `coordinator models …`
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "The published model versions.",
        subcommands: [List.self, Show.self, Export.self, Promote.self, Rollback.self])

    private struct Row: Encodable {
        var model: String, plan: String, name: String, round: Int, bytes: Int, published: String, promoted: Bool
    }

    private static func rows(_ administration: CoordinatorAdministration) async throws -> [Row] {
        let names = Dictionary(try await administration.plans().map { ($0.digest, (try? $0.plan().name) ?? "?") }) { first, _ in first }
        return try await administration.models().map { model in
            Row(
                model: model.reference.digest.hex, plan: model.plan.hex, name: names[model.plan] ?? "?", round: model.reference.round,
                bytes: model.reference.byteCount, published: model.publishedAt.text, promoted: model.isPromoted)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List model versions, oldest first.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let rows = try await ModelsCommand.rows(try CoordinatorStores(directory.value).administration)
                switch output.format {
                case .json: for row in rows { StandardStreams.output(try row.jsonLine()) }
                case .text:
                    var table = TextTable([("model", .left), ("plan", .left), ("round", .right), ("size", .right), ("published", .left), ("", .left)])
                    for row in rows {
                        table.add([String(row.model.prefix(12)), row.name, "\(row.round)", byteText(row.bytes), row.published, row.promoted ? "promoted" : ""])
                    }
                    StandardStreams.output(table.rendered())
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one model version and its tensors.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Digest of the model version, or its beginning.")
        var model: String

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let administration = try CoordinatorStores(directory.value).administration
                let record = try await administration.model(startingWith: model)
                guard let row = try await ModelsCommand.rows(administration).first(where: { $0.model == record.reference.digest.hex }) else { return }
                switch output.format {
                case .json: StandardStreams.output(try row.jsonLine())
                case .text:
                    StandardStreams.output("model      \(row.model)\nplan       \(row.name) (\(row.plan.prefix(12)))\nround      \(row.round)\nsize       \(byteText(row.bytes))\npublished  \(row.published)\npromoted   \(row.promoted ? "yes" : "no")")
                }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        enum Format: String, CaseIterable, ExpressibleByArgument { case safetensors }
        static let configuration = CommandConfiguration(abstract: "Write a model version to a file that Python's safetensors reads, and its privacy statement to a file beside it.")
        @OptionGroup var directory: DirectoryOptions
        @Option(name: .long, help: "The file format.")
        var format: Format = .safetensors
        @Option(name: .long, help: "The file to write; it must not exist.")
        var output: String
        @Argument(help: "Digest of the model version, or its beginning.")
        var model: String

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let administration = try CoordinatorStores(directory.value).administration
                let record = try await administration.model(startingWith: model)
                guard (try? CoordinatorDirectory.read(output)) == nil else { throw CommandFailure(.cannotCreate, "\(output) exists: choose another name or remove it") }
                let bytes = try await administration.modelFile(record.reference.digest)
                let statement = Array(try await administration.privacyStatement(of: record).jsonLine().utf8)
                try CoordinatorDirectory.replace(output, with: bytes)
                try CoordinatorDirectory.replace(output + ".privacy.json", with: statement)
                StandardStreams.output("wrote \(output), \(byteText(bytes.count)), and what it claims about its users' privacy, \(output).privacy.json")
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Have nodes serve this model version once its plan is over.")
        @OptionGroup var directory: DirectoryOptions
        @Argument(help: "Digest of the model version, or its beginning.")
        var model: String

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let administration = try CoordinatorStores(directory.value).administration
                let record = try await administration.model(startingWith: model)
                try await administration.promote(record.reference.digest)
                StandardStreams.output("promoted \(record.reference.digest.short) of round \(record.reference.round)")
            }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Undo the last promotion of the newest plan.")
        @OptionGroup var directory: DirectoryOptions

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let administration = try CoordinatorStores(directory.value).administration
                if let now = try await administration.rollback() {
                    StandardStreams.output("promoted is now \(now.short)")
                } else {
                    StandardStreams.output("nothing is promoted now: nodes serve the newest published version")
                }
            }
        }
    }
}
