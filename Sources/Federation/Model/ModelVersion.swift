public import Tensors

/// An immutable global model: parameters and server-optimiser state, so that the next round can start from the file alone.
public struct ModelVersion: Sendable, Hashable {
    /// The plan that made it.
    public let plan: Digest
    /// 0 for the initial model, else the round that published it.
    public let round: Int
    /// The version it was made from; `nil` for the initial model.
    public let parent: Digest?
    /// θ, d values in the order of the model's layout.
    public let parameters: [Float]
    public let optimizerState: ServerOptimizerState
    /// C of the round that starts from this version, where the plan adapts it.
    public let clip: Double?

    public init(plan: Digest, round: Int, parent: Digest?, parameters: [Float], optimizerState: ServerOptimizerState, clip: Double? = nil) {
        self.plan = plan
        self.round = round
        self.parent = parent
        self.parameters = parameters
        self.optimizerState = optimizerState
        self.clip = clip
    }

    /// Whether every value is a finite number.
    public var isFinite: Bool {
        [parameters, optimizerState.momentum, optimizerState.variance].allSatisfy { $0.allSatisfy(\.isFinite) }
    }
}

extension ModelVersion {
    /// The version after a round.
    /// - Parameters:
    ///   - parent: digest of this version.
    ///   - delta: the pseudo-gradient, d values.
    ///   - clip: the next round's, where the plan adapts it.
    public func next(round: RoundNumber, parent: Digest, delta: [Float], by optimizer: ServerOptimizer, clip: Double? = nil) -> ModelVersion {
        var parameters = parameters
        var state = optimizerState
        optimizer.step(&parameters, &state, delta: delta)
        return ModelVersion(plan: plan, round: round.value, parent: parent, parameters: parameters, optimizerState: state, clip: clip)
    }
}

extension ModelVersion {
    private static let format = "tributary.model.v1"
    private static let momentumName = "optimizer.momentum"
    private static let varianceName = "optimizer.variance"

    /// A safetensors file: the layout's tensors by name, `optimizer.momentum` and `optimizer.variance` where the server's rule
    /// keeps them, and where it comes from as metadata. The same version always gives the same bytes; SHA-256 of them names it.
    public func encoded(layout: ParameterLayout) -> [UInt8] {
        var metadata = ["format": Self.format, "plan": plan.hex, "round": "\(round)"]
        if let parent { metadata["parent"] = parent.hex }
        if let clip { metadata["clip"] = "\(clip)" }
        var file = layout.safetensors(parameters, metadata: metadata)
        for (name, values) in [(Self.momentumName, optimizerState.momentum), (Self.varianceName, optimizerState.variance)] where !values.isEmpty {
            file.tensors.append(Safetensors.Tensor(name: name, shape: [values.count], values: values))
        }
        return file.encoded()
    }

    /// Reads a version of the given plan.
    /// - Parameters:
    ///   - bytes: the whole file, its digest already checked.
    ///   - layout: of the plan's model.
    /// - Throws: ``FederationError`` `.corrupted` when the file is malformed, of another plan, or of another shape than the plan's.
    public init(encoded bytes: [UInt8], layout: ParameterLayout, optimizer: ServerOptimizer, plan: Digest) throws {
        func damaged(_ what: String, _ cause: (any Error)? = nil) -> FederationError {
            FederationError(.corrupted, "The model file \(what). Fetch it again, or restore the coordinator's directory from a backup.", cause: cause)
        }
        var file: Safetensors
        do { file = try Safetensors(decoding: bytes) } catch { throw damaged("is no safetensors file: \(error)", error) }
        let metadata = file.metadata
        if let format = metadata["format"], format != Self.format, format.hasPrefix("tributary.model.") {
            throw FederationError(.corrupted, "The model file has the format \(format), and this program reads \(Self.format); use the release that the coordinator runs.")
        }
        guard metadata["format"] == Self.format, let round = metadata["round"].flatMap({ Int($0) }), round >= 0 else {
            throw damaged("is no model version of this federation")
        }
        guard metadata["plan"] == plan.hex else { throw damaged("belongs to plan \(metadata["plan"]?.prefix(12) ?? "?"), not \(plan.short)") }
        let parent = try metadata["parent"].map { hex in
            guard let digest = Digest(hex: hex) else { throw damaged("names a parent that is no digest") }
            return digest
        }
        let clip = try metadata["clip"].map { text in
            guard let clip = Double(text), clip.isFinite, clip > 0 else { throw damaged("names a clip that is no positive number") }
            return clip
        }
        func takeOptimizerTensor(_ name: String, kept: Bool) throws -> [Float] {
            guard let index = file.tensors.firstIndex(where: { $0.name == name }) else {
                if kept { throw damaged("lacks \(name)") }
                return []
            }
            let tensor = file.tensors.remove(at: index)
            guard kept, tensor.shape == [layout.count] else { throw damaged("holds \(name) in a shape that the plan does not call for") }
            return tensor.values
        }
        let momentum = try takeOptimizerTensor(Self.momentumName, kept: optimizer.keepsMomentum)
        let variance = try takeOptimizerTensor(Self.varianceName, kept: optimizer.keepsVariance)
        let parameters: [Float]
        do { parameters = try layout.parameters(from: file) } catch { throw damaged("does not fit the plan's model: \(error)", error) }
        self.init(
            plan: plan, round: round, parent: parent, parameters: parameters,
            optimizerState: ServerOptimizerState(momentum: momentum, variance: variance), clip: clip)
        guard isFinite else { throw damaged("holds values that are no finite numbers") }
    }
}
