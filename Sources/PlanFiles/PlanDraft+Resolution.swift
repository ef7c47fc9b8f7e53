import DifferentialPrivacy
public import Federation
import RecommenderModels
import Tensors

extension PlanDraft {
    /// The plan for a catalog: noise calibrated where the file leaves it open, and a grid that costs no privacy worth mentioning.
    /// - Throws: ``FederationError`` `.invalidPlan` when the wanted ε cannot be reached.
    public func resolved(for catalog: CatalogReference) throws -> Plan {
        do {
            return Plan(
                name: name, seed: seed, catalog: catalog, model: model, training: training, privacy: try resolvedPrivacy(itemCount: catalog.itemCount),
                serverOptimizer: serverOptimizer, serverDecay: serverDecay, selection: selection, rounds: rounds, maximumAttempts: maximumAttempts)
        } catch let error as PrivacyError {
            throw FederationError(.invalidPlan, "privacy: \(error)", cause: error)
        }
    }

    private func resolvedPrivacy(itemCount: Int) throws -> PrivacyPlan {
        guard privacy.mode != .off, let clip = privacy.clip, let epsilon = privacy.epsilon else {
            return PrivacyPlan(mode: .off(range: privacy.range), grid: privacy.grid ?? Self.gridWithoutPrivacy)
        }
        let multiplier =
            try privacy.noiseMultiplier
            ?? PrivacyAccountant.noiseMultiplier(epsilon: epsilon, delta: privacy.delta, samplingRate: privacy.samplingRate, rounds: maximumAttempts)
        let mechanism = GaussianMechanism(
            clip: clip, noiseMultiplier: multiplier, epsilon: epsilon, delta: privacy.delta, samplingRate: privacy.samplingRate)
        let grid: GridPlan
        if let chosen = privacy.grid {
            grid = chosen
        } else {
            let dimension = try model.recommender(itemCount: itemCount).layout.count
            let choice = try GridChoice.recommended(
                clip: clip, dimension: dimension, enrolledUsers: maximumUsers, nodes: Self.nodesInOverflowBound, noiseMultiplier: multiplier,
                samplingRate: privacy.samplingRate, rounds: maximumAttempts, delta: privacy.delta)
            grid = GridPlan(scale: choice.scale, modulusBits: choice.modulusBits)
        }
        return PrivacyPlan(mode: privacy.mode == .local ? .local(mechanism) : .central(mechanism), grid: grid)
    }

    /// 2⁻²⁴ is finer than the updates' own Float32 precision, and 64 bits leave room for weights of whole silos.
    private static let gridWithoutPrivacy = GridPlan(scale: 0x1p24, modulusBits: 64)
    /// More nodes than this are another kind of federation; their noise is negligible in the bound beside the users.
    private static let nodesInOverflowBound = 1024
}
