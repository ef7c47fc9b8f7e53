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
        let multiplier = try privacy.noiseMultiplier ?? calibratedMultiplier(epsilon)
        let mechanism = GaussianMechanism(
            clip: clip, noiseMultiplier: multiplier, epsilon: epsilon, delta: privacy.delta, samplingRate: privacy.samplingRate,
            adaptiveClip: privacy.adaptiveClip, tensorClips: privacy.tensorClips)
        let grid: GridPlan
        if let chosen = privacy.grid {
            grid = chosen
        } else {
            let dimension = try model.recommender(itemCount: itemCount).layout.count
            let choice = try GridChoice.recommended(
                clip: clip, dimension: dimension, enrolledUsers: maximumUsers, nodes: Self.nodesInOverflowBound, noiseMultiplier: multiplier,
                samplingRate: privacy.samplingRate, rounds: maximumAttempts, delta: privacy.delta)
            grid = GridPlan(scale: choice.scale, modulusBits: max(choice.modulusBits, countBits(choice.bound)))
        }
        let mode: PrivacyPlan.Mode =
            switch privacy.mode {
            case .distributed: .distributed(mechanism, aggregation)
            case .central: .central(mechanism)
            default: .local(mechanism)
            }
        return PrivacyPlan(mode: mode, grid: grid)
    }

    /// What the file says of secure aggregation, and for the rest what suits the minimum cohort.
    private var aggregation: AggregationPlan {
        let recommended = AggregationPlan.recommended(nodes: selection.minimumCohort)
        return AggregationPlan(
            threshold: privacy.threshold ?? recommended.threshold, collusion: privacy.collusion ?? recommended.collusion,
            minimumOrganisations: privacy.minimumOrganisations, stageSeconds: privacy.stageSeconds)
    }

    /// The least noise on deltas for which all attempts cost ε, the count of an adaptive clip included.
    private func calibratedMultiplier(_ epsilon: Double) throws -> Double {
        let total = try PrivacyAccountant.noiseMultiplier(
            epsilon: epsilon, delta: privacy.delta, samplingRate: privacy.samplingRate, rounds: maximumAttempts)
        guard let adaptive = privacy.adaptiveClip else { return total }
        guard let multiplier = adaptive.deltaNoiseMultiplier(total: total) else {
            throw PrivacyError(
                .unreachableTarget,
                "privacy.adaptive-clip: noise of \(adaptive.countDeviation) users on the count costs all of ε by itself; it must be above \(total / 2), and costs little from ten times that")
        }
        return multiplier
    }

    /// Bits that the count of an adaptive clip needs.
    private func countBits(_ bound: ClippingBound) -> Int {
        guard let adaptive = privacy.adaptiveClip else { return 32 }
        let noise = 16 * 2 * adaptive.countDeviation * Double(Self.nodesInOverflowBound).squareRoot()
        let largest = Double(adaptive.half(bound)) * (1.06 * Double(maximumUsers) + noise)
        return [32, 40].first { largest < Double(sign: .plus, exponent: $0 - 1, significand: 1) } ?? 64
    }

    /// 2⁻²⁴ is finer than the updates' own Float32 precision, and 64 bits leave room for weights of whole silos.
    private static let gridWithoutPrivacy = GridPlan(scale: 0x1p24, modulusBits: 64)
    /// More nodes than this are another kind of federation; their noise is negligible in the bound beside the users.
    private static let nodesInOverflowBound = 1024
}
