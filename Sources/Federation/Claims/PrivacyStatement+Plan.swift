import DifferentialPrivacy
import RecommenderModels
import Tensors

extension PrivacyStatement {
    /// The statement for a model that a plan published.
    /// - Parameter contact: whom to ask, if the publisher says.
    /// - Throws: ``FederationError`` or `PrivacyError` when the plan cannot be accounted.
    public init(plan: Plan, digest: Digest, model: ModelReference, contact: String? = nil) throws {
        self.init(
            plan: digest.hex, planName: plan.name, model: model.digest.hex, round: model.round, mode: plan.privacy.modeName, unit: Unit(),
            trust: plan.privacy.trust(coalitions: try plan.coalitions()), notCovered: Self.uncovered(plan.privacy), implementation: Self.implementationPoints,
            dropouts: Self.dropoutPoints(plan), audit: Audit(performed: false, method: "none for this model; canary users through the same path: simulate audit"),
            bias: Self.biasPoints, lifecycle: Self.lifecyclePoints, contact: Contact(name: contact, changes: []))
        guard let mechanism = plan.privacy.mechanism, let bound = try plan.privacy.clippingBound(), let cost = try plan.privacyCost() else { return }
        let all = cost.allAttempts
        guarantee = Guarantee(
            epsilon: all.epsilon, delta: all.delta, mu: all.mu, rho: all.rho, attempts: plan.maximumAttempts, epsilonOfOneRound: cost.perRound.epsilon)
        self.mechanism = Mechanism(
            name: "sum over users, each clipped in L2 norm, with Gaussian noise", clip: mechanism.clip, gridScale: plan.privacy.grid.scale,
            clipOnGrid: bound.onGrid, noiseMultiplier: mechanism.noiseMultiplier, noiseOnGridPerSource: try plan.privacy.noiseOnGrid() ?? 0,
            dimension: try plan.recommender().layout.count)
        sampling = Sampling(
            rate: mechanism.samplingRate,
            schedule: mechanism.samplingRate < 1
                ? "each user independently with this probability in every round, drawn inside the node and shown to nobody"
                : "every eligible user in every round; nothing is claimed from sampling")
        accountant = Accountant(name: all.accountant.rawValue, discretenessSlack: all.slack)
    }

    private static func uncovered(_ privacy: PrivacyPlan) -> [String] {
        var points = [
            "the numbers of enrolled users, rounded to two digits, and which nodes take part", "the time, number and size of messages", "the catalog",
            "choices made by looking at private results: each such run is charged by itself", "a person who is a user of several nodes counts once in each",
            "what a node computes for itself: user histories, held-out evaluations and recommendations stay there",
        ]
        if privacy.isOff { points.insert("everything: privacy is off, updates and training losses are sent as they are", at: 0) }
        return points
    }

    private static let implementationPoints = [
        "noise from AES-256-CTR under keys of the operating system's generator; no seedable source in shipped programs",
        "values are integers from clipping to the published sum; no floating-point noise",
        "the sampler's running time depends on the noise it draws; it does not depend on the users' data",
        "each node keeps a hash-chained ledger: reserved and durable before training, never refunded after a byte left",
    ]

    private static func dropoutPoints(_ plan: Plan) -> [String] {
        [
            plan.privacy.aggregation == nil
                ? "lost nodes take their own noise with them and leave the others' as it was"
                : "each node's share of the noise is sized for the survivors that are guaranteed; more survivors mean more noise, never less",
            "a round publishes with at least \(plan.selection.quorum) of \(plan.selection.minimumCohort) or more nodes, else it is abandoned; an abandoned round stays charged",
            "the noise is calibrated for all \(plan.maximumAttempts) attempts, of which at most \(plan.rounds) publish",
        ]
    }

    private static let biasPoints = [
        "clipping weighs on users with many events, noise on items with few",
        "accuracy per activity of users and per popularity of items: edge-node report at each node, simulate with and without noise",
    ]

    private static let lifecyclePoints = [
        "a user who leaves is erased at the node at once and takes no further part; earlier rounds are not unlearned, and stay within ε",
        "a user who joins later has spent only since then: edge-node privacy",
        "events stay in the node's own store; its operator decides how long",
    ]
}

extension PrivacyPlan {
    fileprivate func trust(coalitions: [PrivacyStatement.Coalition]?) -> PrivacyStatement.Trust {
        switch mode {
        case .local:
            PrivacyStatement.Trust(
                noiseAddedBy: "each node, all that its own users need",
                sees: "the coordinator sees each node's noised sum; nodes see the published models", trusted: "nobody outside the user's own node")
        case .distributed(_, let aggregation):
            PrivacyStatement.Trust(
                noiseAddedBy: "each node a share, sized so that any \(aggregation.guaranteedHonest) of them are enough",
                sees: "the coordinator and the nodes see the sum over all nodes of a round, with the noise of all of them; nobody sees one node's part",
                trusted: "at least \(aggregation.threshold) nodes survive a round, and at most \(aggregation.collusion) of them work with the coordinator",
                coalitions: coalitions)
        case .central:
            PrivacyStatement.Trust(
                noiseAddedBy: "the coordinator, once", sees: "the coordinator sees each node's sum without noise; nodes see the published models",
                trusted: "the coordinator")
        case .off:
            PrivacyStatement.Trust(noiseAddedBy: "nobody", sees: "the coordinator sees each node's sum as it is", trusted: "everybody")
        }
    }
}

extension Plan {
    /// ε over all attempts against the coordinator together with each number of nodes; `nil` where it does not depend on them.
    fileprivate func coalitions() throws -> [PrivacyStatement.Coalition]? {
        let costs = try coalitionCosts()
        return costs.isEmpty ? nil : costs.map { PrivacyStatement.Coalition(nodes: $0.nodes, epsilon: $0.report.epsilon) }
    }
}
