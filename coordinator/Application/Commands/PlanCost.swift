import CommandSupport
import DifferentialPrivacy
import Federation
import RecommenderModels
import Tensors

/// What `coordinator plan check` says a plan costs.
struct PlanCost: Encodable, CustomStringConvertible {
    struct Privacy: Encodable {
        var mode: String
        var unit = "user, add/remove one, all events at one node"
        var epsilon: Double
        var delta: Double
        /// ε of one round.
        var epsilonPerRound: Double
        /// ε when no round is abandoned.
        var epsilonWithoutAbandonedRounds: Double
        var accountant: String
        var mu: Double
        var rho: Double
        var noiseMultiplier: Double
        var clip: Double
        var samplingRate: Double
        var gridScale: Double
        var clipOnGrid: Int
        var noiseOnGrid: Int
        var discretenessSlack: Double
        /// L2 norm of the noise on one round's average, over the clip; `nil` without the number of users.
        var relativeNoise: Double?
    }
    var name: String
    var items: Int
    var parameters: Int
    var updateBytes: Int
    var modulusBits: Int
    var rounds: Int
    var maximumAttempts: Int
    var privacy: Privacy?

    init(of plan: Plan, users: Int?, nodes: Int) throws {
        try plan.validate()
        name = plan.name
        items = plan.catalog.itemCount
        parameters = try plan.model.recommender(itemCount: items).layout.count
        updateBytes = plan.payloadByteCount(parameters: parameters)
        modulusBits = plan.privacy.grid.modulusBits
        rounds = plan.rounds
        maximumAttempts = plan.maximumAttempts
        guard let mechanism = plan.privacy.mechanism, let bound = try plan.privacy.clippingBound(), let cost = try plan.privacyCost() else { return }
        let isLocal = if case .local = plan.privacy.mode { true } else { false }
        // Local noise of n nodes adds up to √n times as much; the average is over q·N users.
        let noise = mechanism.noiseMultiplier * Double(isLocal ? nodes : 1).squareRoot() * Double(parameters).squareRoot()
        privacy = Privacy(
            mode: isLocal ? "local" : "central", epsilon: cost.allAttempts.epsilon, delta: mechanism.delta, epsilonPerRound: cost.perRound.epsilon,
            epsilonWithoutAbandonedRounds: cost.plannedRounds.epsilon, accountant: "\(cost.allAttempts.accountant)", mu: cost.allAttempts.mu,
            rho: cost.allAttempts.rho, noiseMultiplier: mechanism.noiseMultiplier, clip: mechanism.clip, samplingRate: mechanism.samplingRate,
            gridScale: bound.scale, clipOnGrid: bound.onGrid, noiseOnGrid: try bound.standardDeviation(noiseMultiplier: mechanism.noiseMultiplier),
            discretenessSlack: cost.allAttempts.slack, relativeNoise: users.map { noise / (Double($0) * mechanism.samplingRate) })
    }

    var description: String {
        var lines = [
            "plan        \(name): \(rounds) rounds, at most \(maximumAttempts) attempts",
            "model       \(parameters) parameters for \(items) items; an update is \(byteText(updateBytes)) (\(modulusBits)-bit integers)",
        ]
        guard let privacy else {
            return (lines + [redWarning("privacy     OFF: updates are not protected; every node and the coordinator are trusted")]).joined(separator: "\n")
        }
        lines += [
            "privacy     \(privacy.mode); unit: \(privacy.unit)",
            "cost        ε = \(decimal(privacy.epsilon, 4)) at δ = \(privacy.delta) over all attempts (\(privacy.accountant) bound); \(decimal(privacy.epsilonWithoutAbandonedRounds, 4)) when none is abandoned; \(decimal(privacy.epsilonPerRound, 4)) for one round",
            "            μ = \(decimal(privacy.mu, 4)), ρ = \(decimal(privacy.rho, 4)); discreteness takes \(privacy.discretenessSlack) of δ",
            "noise       σ = \(decimal(privacy.noiseMultiplier, 4)) × clip \(privacy.clip); on the grid: clip \(privacy.clipOnGrid), σ \(privacy.noiseOnGrid), scale \(privacy.gridScale)",
        ]
        if let relativeNoise = privacy.relativeNoise {
            lines.append("            on one round's average its L2 norm is \(decimal(relativeNoise, 3)) × clip" + (relativeNoise > 1 ? ": more noise than any signal; use more users, fewer parameters or fewer rounds" : ""))
        } else {
            lines.append("            give --users and --nodes to see how much of it is left on the average")
        }
        return lines.joined(separator: "\n")
    }
}
