import ArgumentParser
import CommandSupport
import DataFiles
import Federation
import Foundation
import Interactions
import LocalTraining
import PlanFiles
import RecommenderModels
import StrictYAML

/// Pooled training of a recipe.
struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train one model on one file of events as a recipe says, and score it once on the test events.",
        discussion: """
            Prints a line per epoch and, last, the figures with the protocol they were measured by. Validation chooses the epoch; the test events are \
            scored once, after training. In json format every line is an object and the last one is the result.
            """)

    @Option(help: ArgumentHelp("A recipe's name (a file of recipes/ without its ending) or a file.", valueName: "name"))
    var recipe: String
    @Option(help: ArgumentHelp("File of events, plain or gzip.", valueName: "file"))
    var data: String
    @OptionGroup(title: "Input") var input: InputOptions
    @Option(help: "Root of initial parameters, shuffles, dropout, negatives and random splits.")
    var seed: UInt64 = 1
    @Option(help: "Tasks that compute at the same time; no result depends on it.")
    var workers = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: ArgumentHelp("Keep a checkpoint there.", valueName: "directory"))
    var checkpoint: String?
    @Option(help: "Steps between checkpoints within an epoch; 0: at the end of every epoch only.")
    var checkpointSteps = 0
    @Flag(help: "Go on from the checkpoint, if there is one.")
    var resume = false
    @Option(help: ArgumentHelp("Write the chosen model there (safetensors).", valueName: "file"))
    var save: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard workers >= 1 else { throw ValidationError("--workers must be at least 1") }
        guard checkpointSteps >= 0 else { throw ValidationError("--checkpoint-steps must not be negative") }
        guard checkpoint != nil || (!resume && checkpointSteps == 0) else { throw ValidationError("--resume and --checkpoint-steps need --checkpoint DIRECTORY") }
    }

    func run() async throws {
        try await reportingFailures(Self.status) {
            let source = try RecipeSource.find(recipe)
            let recipe = try Recipe(yaml: source.text, fileName: source.path)
            let file = try input.read(data)
            if output.format == .text { for line in file.report.lines { StandardStreams.error(line) } }
            let figures = FigureIdentity(recipe: recipe, recipeDigest: Digest(of: source.text.utf8).hex, dataDigest: hexadecimal(file.digest), seed: seed)
            let experiment = try TrainingExperiment(recipe: recipe, table: file.table, cleaning: input.pipeline, identity: figures, workers: workers)
            let format = output.format
            let store = try checkpoint.map { try CheckpointDirectory(path: $0, identity: figures.metadata) }
            let print: @Sendable (EpochReport) throws -> Void = { StandardStreams.output(try format == .json ? $0.jsonLine() : $0.text) }
            let report: TrainingReport
            if let federation = recipe.federation {
                guard store == nil else { throw CommandFailure(.usage, "a federation keeps no checkpoints here; leave --checkpoint out") }
                report = try await experiment.run(federation, progress: print)
            } else {
                report = try await experiment.run(checkpoints: store, resuming: resume, everySteps: checkpointSteps, progress: print)
            }
            if let save { try ModelFile.write(report, experiment, to: save) }
            StandardStreams.output(try output.format == .json ? report.jsonLine() : report.text)
        }
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is YAMLFileError, is ModelError: .dataError
        case let error as FederationError: error.code == .invalidPlan ? .dataError : .failure
        default: InputOptions.status(of: error)
        }
    }
}

/// What a figure, a checkpoint and a model file belong to.
struct FigureIdentity {
    var recipe: Recipe
    /// SHA-256 of the recipe's text.
    var recipeDigest: String
    /// SHA-256 of the data file as stored.
    var dataDigest: String
    var seed: UInt64

    var metadata: [String: String] { ["recipe": recipeDigest, "data": dataDigest, "seed": "\(seed)"] }
}
