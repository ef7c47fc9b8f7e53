internal import Tensors

/// A moment of a pooled training, from which it goes on bit-identically.
public struct PooledCheckpoint: Sendable, Hashable {
    public internal(set) var standing: PooledStanding
    var state: [String: [Float]]

    init(standing: PooledStanding, state: [String: [Float]]) {
        self.standing = standing
        self.state = state
    }

    private static let format = "tributary.checkpoint.1"

    /// The checkpoint as a safetensors file.
    /// - Parameter identity: what it belongs to, such as digests of recipe and data, by name.
    public func encoded(identity: [String: String]) -> [UInt8] {
        var metadata = identity
        metadata["format"] = Self.format
        metadata["epoch"] = "\(standing.epoch)"
        metadata["best.epoch"] = "\(standing.bestEpoch)"
        metadata["best.value"] = standing.bestValue.map { "\($0.bitPattern)" }
        var tensors = state.map { Safetensors.Tensor(name: "state.\($0.key)", shape: [$0.value.count], values: $0.value) }
        tensors.append(Safetensors.Tensor(name: "best.parameters", shape: [standing.bestParameters.count], values: standing.bestParameters))
        return Safetensors(tensors: tensors, metadata: metadata).encoded()
    }

    /// - Parameter identity: what the checkpoint must belong to.
    /// - Throws: `TrainingError` naming what differs; `SafetensorsError` for a damaged file.
    public init(decoding bytes: [UInt8], identity: [String: String]) throws {
        let file = try Safetensors(decoding: bytes)
        guard file.metadata["format"] == Self.format else {
            throw TrainingError("the file is not a checkpoint of this version (format \(file.metadata["format"] ?? "unknown"), \(Self.format) is needed)")
        }
        for (name, value) in identity.sorted(by: { $0.key < $1.key }) where file.metadata[name] != value {
            throw TrainingError(
                "the checkpoint belongs to another \(name) (\(file.metadata[name] ?? "none"), this one is \(value)); train without --resume, or with what it belongs to")
        }
        guard let epoch = file.metadata["epoch"].flatMap({ Int($0) }), let best = file.metadata["best.epoch"].flatMap({ Int($0) }), epoch >= best, best >= 0,
            let parameters = file["best.parameters"]
        else { throw TrainingError("the checkpoint is incomplete; train without --resume") }
        standing = PooledStanding(parameters: parameters.values)
        standing.epoch = epoch
        standing.bestEpoch = best
        standing.bestValue = file.metadata["best.value"].flatMap { UInt64($0) }.map { Double(bitPattern: $0) }
        state = [:]
        for tensor in file.tensors where tensor.name.hasPrefix("state.") { state[String(tensor.name.dropFirst("state.".count))] = tensor.values }
    }
}
