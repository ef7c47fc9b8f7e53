import CommandSupport
import DurableFiles
import Foundation
import LocalTraining
import PlanFiles
import RecommenderModels
import Tensors

/// Where a training keeps its newest checkpoint: one file, there whole or not at all.
struct CheckpointDirectory: Sendable {
    private static let fileName = "checkpoint.safetensors"
    private let directory: DurableDirectory
    /// What the checkpoints belong to.
    private let identity: [String: String]

    init(path: String, identity: [String: String]) throws {
        directory = try DurableDirectory(creating: path)
        self.identity = identity
    }

    func store(_ checkpoint: PooledCheckpoint) throws { try directory.write(checkpoint.encoded(identity: identity), to: Self.fileName) }

    /// - Returns: `nil` when there is none yet.
    /// - Throws: `CommandFailure` when there is one that is damaged or belongs to another recipe, data or seed.
    func latest() throws -> PooledCheckpoint? {
        guard let bytes = try directory.read(Self.fileName) else { return nil }
        do { return try PooledCheckpoint(decoding: bytes, identity: identity) } catch {
            throw CommandFailure(.dataError, "\(directory.path)/\(Self.fileName): \(error)")
        }
    }
}

/// The chosen model as a file for others.
enum ModelFile {
    static func write(_ report: TrainingReport, _ experiment: TrainingExperiment, to path: String) throws {
        var metadata = report.identity.metadata
        metadata["model"] = experiment.recipe.modelName
        metadata["items"] = "\(report.items)"
        metadata["epoch"] = "\(report.standing.bestEpoch)"
        let bytes = experiment.model.layout.safetensors(report.parameters, metadata: metadata).encoded()
        do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CommandFailure(.cannotCreate, "cannot write the model to \(path): \(error.localizedDescription)")
        }
    }
}
