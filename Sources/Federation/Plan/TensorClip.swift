public import DifferentialPrivacy
import RecommenderModels
public import Tensors

/// A tensor of the model with a clip of its own: C_g of C² = Σ C_g².
public struct TensorClip: Sendable, Hashable {
    /// Its name in the model's layout.
    public var tensor: String
    /// C_g; > 0.
    public var clip: Double

    public init(tensor: String, clip: Double) {
        self.tensor = tensor
        self.clip = clip
    }

    static let maximumCount = 1000
}

extension GaussianMechanism {
    /// The parts of a model that are clipped on their own: the named tensors, then all others with √(C² − Σ C_g²). None without tensor clips.
    /// - Throws: ``FederationError`` `.invalidPlan` when a name is unknown or repeated, or the clips do not fit into C.
    public func clipGroups(of layout: ParameterLayout) throws -> [ClipGroup] {
        if tensorClips.isEmpty { return [] }
        var groups: [ClipGroup] = []
        var left = clip * clip
        for part in tensorClips {
            guard let tensor = layout[part.tensor] else {
                throw FederationError(.invalidPlan, "privacy.tensorClips names `\(part.tensor)`, which the model does not have: it has \(layout.tensors.map(\.name).joined(separator: ", "))")
            }
            guard part.clip.isFinite, part.clip > 0 else { throw FederationError(.invalidPlan, "privacy.tensorClips: the clip of `\(part.tensor)` must be a positive number") }
            guard !groups.contains(where: { $0.ranges == [tensor.range] }) else { throw FederationError(.invalidPlan, "privacy.tensorClips names `\(part.tensor)` twice") }
            groups.append(ClipGroup(ranges: [tensor.range], share: part.clip / clip))
            left -= part.clip * part.clip
        }
        let others = layout.tensors.filter { tensor in !tensorClips.contains { $0.tensor == tensor.name } }.map(\.range)
        if others.isEmpty {
            guard left >= -1e-9 * clip * clip else { throw FederationError(.invalidPlan, Self.excess) }
        } else {
            guard left > 1e-9 * clip * clip else { throw FederationError(.invalidPlan, Self.excess + "; the tensors that are not named need a part too") }
            groups.append(ClipGroup(ranges: others, share: left.squareRoot() / clip))
        }
        return groups
    }

    private static let excess = "privacy.tensorClips: the squares of the clips add up to more than the square of privacy.clip"
}

extension Plan {
    func collectTensorClipProblems(of mechanism: GaussianMechanism, into collector: inout ProblemCollector) {
        if mechanism.tensorClips.isEmpty { return }
        guard mechanism.tensorClips.count <= TensorClip.maximumCount else {
            return collector.check(false, "privacy.tensorClips", mechanism.tensorClips.count, "at most \(TensorClip.maximumCount) tensors")
        }
        do {
            guard let layout = try? recommender().layout else { return }
            _ = try mechanism.clipGroups(of: layout)
        } catch {
            collector.check(false, "privacy.tensorClips", mechanism.tensorClips.map(\.tensor).joined(separator: ", "), "\(error)")
        }
    }
}
