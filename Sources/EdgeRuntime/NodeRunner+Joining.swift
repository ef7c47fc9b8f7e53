internal import DifferentialPrivacy
internal import Federation
internal import Interactions
internal import LocalTraining
internal import Logging
internal import RecommenderModels
internal import Tensors

extension NodeRunner {
    /// Asks which plan runs and joins it when the policy allows.
    func considerPlan() async throws -> NodeAgenda.PlanVerdict {
        guard let offer = try await coordinator.currentPlan() else { return .none }
        let digest = Digest(of: offer.encodedPlan)
        let known = try await storage.membership(of: digest)
        if case .refused(let reason) = known?.state, standing?.digest != digest {
            logger.info("plan was refused before; deciding again", metadata: ["plan": "\(digest.short)", "reason": "\(reason)"])
        }
        do {
            let plan = try Plan(encoded: offer.encodedPlan)
            try plan.validate()
            let catalog = try await catalog(of: plan, byteCount: offer.catalogByteCount)
            var candidate = try PlanStanding(digest: digest, plan: plan, catalog: catalog, workers: options.workers)
            let data = try await trainingData(for: &candidate)
            if known?.state != .joined, known?.state != .ended {
                try policy.admit(
                    plan, digest: digest, event: candidate.event, eligibleUsers: data.eligible.count, ledger: try await ledger())
            }
            // What was declared once stays declared, however many users came or went since.
            let isMember = known?.state == .joined || known?.state == .ended
            let enrolled = isMember ? known?.enrolledUsers ?? 0 : JoinDeclaration.publicCount(of: data.eligible.count)
            candidate.aggregation = try await aggregationStanding(
                of: plan, digest: digest, parameters: candidate.recommender.layout.count, roster: offer.roster, enrolledUsers: enrolled)
            do { try await coordinator.join(JoinDeclaration(plan: digest, enrolledUsers: enrolled)) } catch let error as FederationError
                where error.code == .failedPrecondition && isMember
            {
                standing = candidate
                return .over(digest)
            }
            try await storage.saveMembership(PlanMembership(plan: digest, encodedPlan: offer.encodedPlan, enrolledUsers: enrolled, state: .joined))
            standing = candidate
            try await dropUnsettledUpdates(exceptOf: digest)
            logger.info(
                "joined plan",
                metadata: [
                    "plan": "\(digest.short)", "plan.name": "\(plan.name)", "users": "\(enrolled)", "events.unknown": "\(data.unknownEvents)",
                    "items.unknown": "\(data.unknownItems)",
                ])
            observe(.joined(plan: digest, name: plan.name, enrolledUsers: enrolled))
            return .joined(digest)
        } catch {
            guard let (reason, isBudget) = Self.refusal(error) else { throw error }
            try await storage.saveMembership(
                PlanMembership(plan: digest, encodedPlan: offer.encodedPlan, enrolledUsers: known?.enrolledUsers ?? 0, state: .refused(reason)))
            logger.error("plan refused", metadata: ["plan": "\(digest.short)", "reason": "\(reason)"])
            observe(.refused(plan: digest, reason: reason))
            return .refused(digest, isBudget ? .budgetExhausted(reason) : .planRefused(reason))
        }
    }

    /// Nothing more is sent for the plan: its unsettled updates are dropped, and those of which no byte left return their budget.
    func finishPlan() async throws {
        guard let standing, var membership = try await storage.membership(of: standing.digest), membership.state == .joined else { return }
        try await dropUnsettledUpdates(exceptOf: nil)
        membership.state = .ended
        try await storage.saveMembership(membership)
    }

    /// The reason, when an error means that this plan will not be joined, rather than that something must be tried again.
    private static func refusal(_ error: any Error) -> (reason: String, isBudget: Bool)? {
        switch error {
        case let error as FederationError:
            [.invalidPlan, .invalidArgument, .rejected, .failedPrecondition, .budgetExhausted].contains(error.code)
                ? (error.message, error.code == .budgetExhausted) : nil
        case let error as PrivacyError: (error.message, error.code == .budgetExhausted)
        case let error as ModelError: ("\(error)", false)
        case let error as TrainingError: ("\(error)", false)
        case let error as ImportError: ("\(error)", false)
        default: nil
        }
    }

    /// The catalog's bytes, fetched under their digest and checked against the plan.
    private func catalog(of plan: Plan, byteCount: Int) async throws -> Catalog {
        let bytes = try await fetch(plan.catalog.digest, byteCount: byteCount, limit: Self.largestCatalog)
        let catalog = try Catalog(csv: bytes, fileName: "catalog \(plan.catalog.digest.short)")
        guard catalog.count == plan.catalog.itemCount else {
            throw FederationError(.invalidPlan, "The plan says that the catalog has \(plan.catalog.itemCount) items, and it has \(catalog.count); the coordinator's operator must start a plan made for this catalog.")
        }
        return catalog
    }

    /// A catalog larger than this is refused before it is fetched.
    private static let largestCatalog = 1 << 30

    /// The node's events for the plan, read anew only when they have changed.
    func trainingData(for standing: inout PlanStanding) async throws -> TrainingData {
        if let data = standing.data, data.version == (try await storage.eventStatistics()).version { return data }
        let data = TrainingData(try await storage.interactions(with: standing.catalog), minimumEvents: standing.plan.training.minimumEvents)
        standing.data = data
        return data
    }
}
