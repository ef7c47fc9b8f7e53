public import Federation

/// What the operator does: everything goes through the storage, so it works beside a running server and without one.
public struct CoordinatorAdministration: Sendable {
    let storage: any CoordinatorStorage
    let clock: any FederationClock

    public init(storage: any CoordinatorStorage, clock: any FederationClock) {
        self.storage = storage
        self.clock = clock
    }

    /// Keeps the catalog file's bytes for plans and nodes.
    /// - Parameter encoded: the canonical file, `Catalog.encoded()`.
    /// - Returns: its digest, as plans name it.
    public func importCatalog(_ encoded: [UInt8]) async throws -> Digest { try await storage.store(encoded) }

    /// The catalog file of that digest.
    /// - Throws: ``FederationError`` `.corrupted` when it is missing or damaged.
    public func catalog(_ digest: Digest) async throws -> [UInt8] { try await storage.readAll(digest) }

    /// Asks the server to run the plan. A plan that was stopped continues.
    /// - Throws: ``FederationError``: `.invalidPlan`; `.failedPrecondition` when the catalog was not imported, another plan is
    ///   active, or this one is over.
    public func startPlan(_ plan: Plan) async throws -> Digest {
        try plan.validate()
        guard try await storage.byteCount(of: plan.catalog.digest) != nil else {
            throw FederationError(
                .failedPrecondition, "The plan's catalog \(plan.catalog.digest.short)… was not imported here. Import it: coordinator catalog import FILE.")
        }
        try await storage.requestPlan(plan.encoded(), at: clock.now)
        return plan.digest
    }

    /// Asks the server to stop the plan that is active; the round that is going on is abandoned.
    /// - Returns: the plan's digest.
    /// - Throws: ``FederationError`` `.failedPrecondition` when no plan is active.
    public func stopPlan() async throws -> Digest {
        guard let active = try await storage.plans().first(where: \.state.isActive), try await storage.requestStop(of: active.digest, at: clock.now) else {
            throw FederationError(.failedPrecondition, "No plan is requested or running, so there is nothing to stop.")
        }
        return active.digest
    }

    /// Every plan, oldest request first.
    public func plans() async throws -> [PlanRecord] { try await storage.plans() }

    /// Where a plan stands.
    /// - Parameter plan: `nil` for the active one, else the one that changed last.
    /// - Returns: `nil` when there is no such plan.
    public func status(of plan: Digest? = nil) async throws -> PlanStatus? {
        let plans = try await storage.plans()
        let record =
            if let plan { plans.first { $0.digest == plan } } else { plans.first(where: \.state.isActive) ?? plans.max { $0.changedAt < $1.changedAt } }
        guard let record else { return nil }
        return PlanStatus(
            record: record, plan: try record.plan(), joins: try await storage.joins(of: record.digest), rounds: try await storage.rounds(of: record.digest))
    }
}

/// A plan, its nodes and its rounds at one moment.
public struct PlanStatus: Sendable, Hashable {
    public var record: PlanRecord
    public var plan: Plan
    public var joins: [JoinRecord]
    public var rounds: [RoundRecord]

    public var publishedRounds: Int { rounds.count { if case .published = $0.state { true } else { false } } }
    public var attempts: Int { rounds.last?.round.value ?? 0 }
    /// The sum of enrolled users as declared.
    public var enrolledUsers: Int { joins.reduce(0) { $0 + $1.enrolledUsers } }
}
