import DifferentialPrivacy
import LocalTraining
import RecommenderModels
import Tensors

extension Plan {
    func collectPrivacyProblems(into collector: inout ProblemCollector) {
        let grid = privacy.grid
        collector.check([32, 40, 64].contains(grid.modulusBits), "privacy.grid.modulusBits", grid.modulusBits, "it must be 32, 40 or 64")
        collector.check(
            grid.scale.isNormal && grid.scale >= 1 && grid.scale <= 0x1p60 && grid.scale.significand == 1, "privacy.grid.scale", grid.scale,
            "it must be a power of two in 1…2^60")
        guard let mechanism = privacy.mechanism else { return collectProblemsWithoutMechanism(into: &collector) }
        collector.check(
            training.unit == .perUser, "training.unit", "silo",
            "privacy \(privacy.modeName) bounds what each user contributes, which needs training.unit perUser; only privacy off trains per silo")
        if let aggregation = privacy.aggregation { aggregation.collectProblems(selection, into: &collector) }
        collector.checkPositive(mechanism.clip, atMost: 1e6, "privacy.clip")
        collector.checkPositive(mechanism.noiseMultiplier, atMost: 1e6, "privacy.noiseMultiplier")
        collector.checkPositive(mechanism.epsilon, atMost: 1000, "privacy.epsilon")
        collector.check(mechanism.delta > 0 && mechanism.delta < 1, "privacy.delta", mechanism.delta, "it must be between 0 and 1, at most about one over the number of users")
        collector.check(
            mechanism.samplingRate > 0 && mechanism.samplingRate <= 1, "privacy.samplingRate", mechanism.samplingRate, "it must be above 0 and at most 1 (everyone)")
        collectTensorClipProblems(of: mechanism, into: &collector)
        guard let adaptive = mechanism.adaptiveClip else { return }
        collector.check(
            privacy.aggregation == nil, "privacy.adaptiveClip", "set", "in mode distributed the clip is the plan's in every round: leave it out")
        collector.check(adaptive.quantile > 0 && adaptive.quantile < 1, "privacy.adaptiveClip.quantile", adaptive.quantile, "it must be between 0 and 1")
        collector.check(
            adaptive.learningRate > 0 && adaptive.learningRate <= 1, "privacy.adaptiveClip.learningRate", adaptive.learningRate, "it must be above 0 and at most 1")
        collector.check(
            adaptive.countDeviation > 0 && adaptive.countDeviation < 0x1p38, "privacy.adaptiveClip.countDeviation", adaptive.countDeviation,
            "it is the noise on the number of users within the clip: a positive number of users, for instance a twentieth of them")
    }

    private func collectProblemsWithoutMechanism(into collector: inout ProblemCollector) {
        guard case .off(let range) = privacy.mode else { return }
        collector.checkPositive(range, atMost: 1e12, "privacy.range")
        collector.check(
            range * privacy.grid.scale <= 0x1p52, "privacy.range", range,
            "range × scale must be at most 2^52 to be exact: lower privacy.grid.scale (\(privacy.grid.scale)) or the range")
    }

    /// Nodes that a round may sum at most as far as the plan knows by itself; joins are checked one by one.
    private var plannedNodes: Int {
        switch selection.rule {
        case .all: selection.minimumCohort
        case .uniform(let count): max(selection.minimumCohort, Int((Double(count) * selection.overSelection).rounded(.up)))
        }
    }

    func collectSizeAndCostProblems(into collector: inout ProblemCollector) {
        let nodes = plannedNodes
        collector.check(
            fits(enrolledUsers: nodes, nodes: nodes), "privacy.grid.modulusBits", privacy.grid.modulusBits,
            "sums of \(nodes) nodes could leave the modulus: take more bits, or lower privacy.grid.scale (\(privacy.grid.scale))")
        do {
            _ = try privacy.clippingBound()
            if let share = try privacy.noiseOnGrid(), privacy.aggregation != nil {
                collector.check(
                    share >= PrivacyPlan.smallestNoiseShare, "privacy.grid.scale", privacy.grid.scale,
                    "a node's share of the noise is \(share) grid steps; it must be at least \(PrivacyPlan.smallestNoiseShare): raise the scale")
            }
        } catch {
            return collector.check(false, "privacy.grid.scale", privacy.grid.scale, "\(error)")
        }
        do {
            guard let mechanism = privacy.mechanism, let cost = try privacyCost() else {
                return _ = try recommender()
            }
            // The calibration stops within its own tolerance of the wanted ε.
            collector.check(
                cost.allAttempts.epsilon <= mechanism.epsilon * (1 + 1e-9), "privacy.noiseMultiplier", mechanism.noiseMultiplier,
                "\(maximumAttempts) attempts cost ε = \(cost.allAttempts.epsilon) at δ = \(mechanism.delta), more than privacy.epsilon (\(mechanism.epsilon)): "
                    + "raise the noise, promise less, or attempt fewer rounds")
            let d = try recommender().layout.count
            let bound = try privacy.clippingBound()
            collector.check(
                bound?.normBeforeRounding(dimension: d) != nil, "privacy.grid.scale", privacy.grid.scale,
                "the grid is so coarse that rounding \(d) parameters alone exceeds the clip: raise the scale")
        } catch {
            collector.check(false, "model", "not usable", "\(error)")
        }
    }
}

extension AggregationPlan {
    fileprivate func collectProblems(_ selection: SelectionPlan, into collector: inout ProblemCollector) {
        let cohort = selection.minimumCohort
        collector.check(cohort >= 3, "selection.minimumCohort", cohort, "mode distributed needs at least 3 nodes, since each of two would see the other's part; 5 or more are recommended")
        collector.check(minimumOrganisations >= 3, "privacy.minimumOrganisations", minimumOrganisations, "it must be at least 3, since each of two organisations would see the other's part")
        collector.check(collusion >= 0, "privacy.collusion", collusion, "it must not be negative")
        collector.check(stageSeconds, in: 1...86_400, "privacy.stageSeconds")
        collector.check(
            threshold <= cohort && threshold >= minimumOrganisations, "privacy.threshold", threshold,
            "it must be in minimumOrganisations (\(minimumOrganisations))…minimumCohort (\(cohort))")
        guard cohort >= 3, collusion >= 0, threshold <= cohort, collector.problems.isEmpty else { return }
        if cohort < Self.fewestTolerant {
            collector.check(
                threshold == cohort && collusion == 0, "privacy.threshold", threshold,
                "\(cohort) nodes tolerate neither a drop nor a colluding node: the threshold must be \(cohort) and the collusion 0, or take at least \(Self.fewestTolerant) nodes")
        }
        collector.check(
            guaranteedHonest >= 2, "privacy.collusion", collusion,
            "a sum could hold the part of one honest node alone: the threshold (\(threshold)) must exceed the collusion by 2")
        collector.check(
            2 * threshold > cohort + collusion, "privacy.threshold", threshold,
            "2t > n + c must hold for n = \(cohort) nodes, or the coordinator could have two different sums: at least \((cohort + collusion) / 2 + 1)")
        collector.check(
            selection.quorum == threshold, "selection.quorum", selection.quorum, "in mode distributed it is the threshold, \(threshold), which the noise is sized for")
        collector.check(maximumCohort <= 255, "privacy.threshold", threshold, "cohorts of up to \(maximumCohort) nodes are more than the 255 that secure aggregation joins")
    }
}

extension PrivacyPlan {
    /// The mode's name as in a plan file.
    public var modeName: String {
        switch mode {
        case .local: "local"
        case .distributed: "distributed"
        case .central: "central"
        case .off: "off"
        }
    }
}
