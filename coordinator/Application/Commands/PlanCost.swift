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
        /// With mode `distributed`.
        var aggregation: Aggregation?
        /// L2 norm of the noise on one round's average, over the clip; `nil` without the number of users.
        var relativeNoise: Double?
    }
    struct Aggregation: Encodable {
        var threshold: Int
        var toleratedCollusion: Int
        var minimumOrganisations: Int
        var largestCohort: Int
        /// Of the plan's smallest cohort.
        var toleratedDrops: Int
        var coalitions: [Coalition]
    }
    /// ε against the coordinator together with so many nodes; the last one stands for every larger number too.
    struct Coalition: Encodable {
        var nodes: Int
        var epsilon: Double
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
        // The noise of n nodes adds up to √n times as much, of which each adds all or a share; the average is over q·N users.
        let sources: Double =
            switch plan.privacy.mode {
            case .local: Double(nodes)
            case .distributed(_, let aggregation): Double(max(nodes, aggregation.threshold)) / Double(aggregation.guaranteedHonest)
            case .central, .off: 1
            }
        let noise = mechanism.noiseMultiplier * sources.squareRoot() * Double(parameters).squareRoot()
        let coalitions = try plan.coalitionCosts().map { Coalition(nodes: $0.nodes, epsilon: $0.report.epsilon) }
        let aggregation = plan.privacy.aggregation.map {
            Aggregation(
                threshold: $0.threshold, toleratedCollusion: $0.collusion, minimumOrganisations: $0.minimumOrganisations, largestCohort: $0.maximumCohort,
                toleratedDrops: plan.selection.minimumCohort - $0.threshold, coalitions: coalitions)
        }
        privacy = Privacy(
            mode: plan.privacy.modeName, epsilon: cost.allAttempts.epsilon, delta: mechanism.delta, epsilonPerRound: cost.perRound.epsilon,
            epsilonWithoutAbandonedRounds: cost.plannedRounds.epsilon, accountant: "\(cost.allAttempts.accountant)", mu: cost.allAttempts.mu,
            rho: cost.allAttempts.rho, noiseMultiplier: mechanism.noiseMultiplier, clip: mechanism.clip, samplingRate: mechanism.samplingRate,
            gridScale: bound.scale, clipOnGrid: bound.onGrid, noiseOnGrid: try plan.privacy.noiseOnGrid() ?? 0,
            discretenessSlack: cost.allAttempts.slack, aggregation: aggregation, relativeNoise: users.map { noise / (Double($0) * mechanism.samplingRate) })
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
        if let aggregation = privacy.aggregation {
            lines.append(
                "aggregation a round needs \(aggregation.threshold) surviving nodes of at least \(aggregation.minimumOrganisations) organisations; at most \(aggregation.largestCohort) are asked; each adds noise of σ \(privacy.noiseOnGrid)")
            lines.append(
                aggregation.toleratedDrops == 0 && aggregation.toleratedCollusion == 0
                    ? "            so few nodes tolerate neither a drop nor a colluding node: one lost node loses the round, one talking to the coordinator lowers what is claimed; take at least \(AggregationPlan.fewestTolerant)"
                    : "            of the smallest cohort \(aggregation.toleratedDrops) nodes may drop and \(aggregation.toleratedCollusion) may work with the coordinator")
            for coalition in aggregation.coalitions {
                let who = coalition.nodes == 0 ? "whoever sees the sums" : "the coordinator and \(coalition.nodes) node\(coalition.nodes == 1 ? "" : "s")\(coalition.nodes > aggregation.toleratedCollusion ? " or more" : "")"
                lines.append("            ε = \(decimal(coalition.epsilon, 4)) against \(who)")
            }
        }
        if let relativeNoise = privacy.relativeNoise {
            lines.append("            on one round's average its L2 norm is \(decimal(relativeNoise, 3)) × clip" + (relativeNoise > 1 ? ": more noise than any signal; use more users, fewer parameters or fewer rounds" : ""))
        } else {
            lines.append("            give --users and --nodes to see how much of it is left on the average")
        }
        return lines.joined(separator: "\n")
    }
}
