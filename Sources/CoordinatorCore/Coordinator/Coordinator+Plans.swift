import Federation
import Interactions
import Logging
import SecureAggregation
import Tensors
import RecommenderModels

extension Coordinator {
    /// Follows what the operator asked for through the storage: a plan to start, or the running one to stop.
    func followRequests() async throws {
        let plans = try await storage.plans()
        if let stopping = plans.first(where: { $0.state == .stopping }) {
            if planRun?.digest == stopping.digest, planRun?.isOver == false {
                try await transition(.stopRequested)
            } else {
                try await storage.setState(.stopped, of: stopping.digest, at: clock.now)
            }
        }
        if planRun?.isOver ?? true, let requested = plans.first(where: { $0.state == .requested }) {
            try await start(requested)
        }
        if let run = planRun, run.isOver {
            let promoted = try await storage.models().last { $0.plan == run.digest && $0.isPromoted }?.reference
            if promoted != planRun?.promotedModel {
                planRun?.promotedModel = promoted
                wakeAll()
            }
        }
    }

    /// Reads from the storage where the plan that runs, or ran last, stands.
    func reload() async throws {
        try await exclusively {
            // A plan that was refused, or stopped before it began, has no initial model and is not offered.
            let begun = Set(try await storage.models().map(\.plan))
            let plans = try await storage.plans().filter { begun.contains($0.digest) && $0.state != .requested }
            let latest = plans.last { $0.state.isActive } ?? plans.max { $0.changedAt < $1.changedAt }
            planRun = nil
            if let latest { planRun = try await load(latest) }
            mustReload = false
            wakeAll()
        }
    }

    private func start(_ record: PlanRecord) async throws {
        try await exclusively {
            do {
                let plan = try record.plan()
                try plan.validate()
                guard try await storage.byteCount(of: plan.catalog.digest) != nil else {
                    throw FederationError(
                        .failedPrecondition,
                        "The catalog \(plan.catalog.digest.short)… of the plan is not in the coordinator's directory. Import it: coordinator catalog import FILE.")
                }
                try await prepareRoster(of: plan)
                try await prepareInitialModel(of: plan)
            } catch let error as FederationError where [.invalidPlan, .corrupted, .failedPrecondition].contains(error.code) {
                logger.error("Plan refused", metadata: ["plan": "\(record.digest.short)", "error": "\(error)"])
                return try await storage.setState(.failed(reason: error.message), of: record.digest, at: clock.now)
            }
            try await storage.setState(.running, of: record.digest, at: clock.now)
            var running = record
            running.state = .running
            planRun = try await load(running)
            logger.notice("Plan started", metadata: ["plan": "\(record.digest.short)"])
            wakeAll()
        }
    }

    /// Fixes who may take part in the plan's secure aggregation: every enrolled node with a key.
    /// - Throws: ``FederationError`` `.failedPrecondition` when there are fewer than the plan needs.
    private func prepareRoster(of plan: Plan) async throws {
        guard let aggregation = plan.privacy.aggregation, try await storage.roster(of: plan.digest) == nil else { return }
        let members = try await storage.aggregationMembers().compactMap { member in
            VerificationKey(member.key).map {
                RosterMember(
                    id: MemberID(UInt32(member.number)), name: member.node.name, organisation: member.organisation, key: $0,
                    fingerprint: Hash256(of: Array("tributary.node \(member.node.name)".utf8)))
            }
        }
        let organisations = Set(members.map(\.organisation)).count
        guard members.count >= plan.selection.minimumCohort, organisations >= aggregation.minimumOrganisations else {
            throw FederationError(
                .failedPrecondition,
                "The plan needs \(plan.selection.minimumCohort) nodes of \(aggregation.minimumOrganisations) organisations with aggregation keys, and \(members.count) of "
                    + "\(organisations) are enrolled. Enrol more nodes, then start the plan again under another name or seed.")
        }
        let roster: Roster
        do { roster = try Roster(epoch: 1, members: members) } catch {
            throw FederationError(.failedPrecondition, "The enrolled nodes make no roster: \(error). Have the nodes enrol again.", cause: error)
        }
        try await storage.recordRoster(storage.store(roster.encoded()), of: plan.digest)
    }

    private func roster(of plan: Plan) async throws -> Roster? {
        guard plan.privacy.aggregation != nil else { return nil }
        guard let digest = try await storage.roster(of: plan.digest), let roster = try? Roster(decoding: try await storage.readAll(digest)) else {
            throw FederationError(.corrupted, "The roster of plan \(plan.digest.short)… is missing from the coordinator's directory. Restore the directory from a backup.")
        }
        return roster
    }

    private func prepareInitialModel(of plan: Plan) async throws {
        let digest = plan.digest
        guard try await !storage.models().contains(where: { $0.plan == digest && $0.reference.round == 0 }) else { return }
        let recommender = try plan.recommender()
        let content = try await content(of: plan)
        let bytes = ModelVersion(initialFor: plan, recommender: recommender, content: content).encoded(layout: recommender.layout)
        let reference = ModelReference(round: 0, digest: try await storage.store(bytes), byteCount: bytes.count)
        try await storage.recordInitialModel(reference, of: digest, at: clock.now)
    }

    /// What the plan's catalog says of its items.
    /// - Throws: ``FederationError`` `.invalidPlan` when the file is no catalog or has another number of items.
    private func content(of plan: Plan) async throws -> ItemContent {
        let bytes = try await storage.readAll(plan.catalog.digest)
        let catalog: Catalog
        do { catalog = try Catalog(csv: bytes, fileName: "catalog \(plan.catalog.digest.short)") } catch {
            throw FederationError(.invalidPlan, "The plan's catalog cannot be read: \(error). Import a catalog: coordinator catalog import FILE.", cause: error)
        }
        guard catalog.count == plan.catalog.itemCount else {
            throw FederationError(.invalidPlan, "The plan is for \(plan.catalog.itemCount) items and its catalog lists \(catalog.count). Start the plan from its file again.")
        }
        return ItemContent(categories: catalog.items.map(\.categories))
    }

    /// The plan as the storage remembers it.
    /// - Throws: ``FederationError`` `.corrupted` when its catalog or newest model is missing.
    private func load(_ record: PlanRecord) async throws -> PlanRun {
        let plan = try record.plan()
        let layout = try plan.recommender().layout
        let models = try await storage.models().filter { $0.plan == record.digest }
        guard let newest = models.max(by: { $0.reference.round < $1.reference.round })?.reference,
            try await storage.byteCount(of: newest.digest) == newest.byteCount,
            let catalogByteCount = try await storage.byteCount(of: plan.catalog.digest)
        else {
            throw FederationError(
                .corrupted,
                "The newest model or the catalog of plan \(record.digest.short)… is missing from the coordinator's directory. Restore the directory from a backup.")
        }
        let rounds = try await storage.rounds(of: record.digest)
        let joins = try await storage.joins(of: record.digest)
        let history = RoundMachine.History(
            joined: Dictionary(uniqueKeysWithValues: joins.map { ($0.node, $0.enrolledUsers) }),
            withdrawn: Set(joins.filter { $0.withdrawal != nil }.map(\.node)),
            newestModel: newest,
            publishedRounds: rounds.count { if case .published = $0.state { true } else { false } },
            attempts: rounds.last?.round.value ?? 0,
            openRound: rounds.last.flatMap(\.open))
        var (machine, actions) = RoundMachine.restored(
            plan: plan, payloadByteCount: plan.payloadByteCount(parameters: layout.count), history: history, at: clock.now)
        if !record.state.isActive { machine.end(as: record.state == .finished ? .finished : record.state == .stopped ? .stopped : .outOfAttempts) }
        var run = PlanRun(
            record: record, plan: plan, layout: layout, catalogByteCount: catalogByteCount, machine: machine,
            roster: try await roster(of: plan), promotedModel: models.last(where: \.isPromoted)?.reference)
        for case .aggregate(let round) in actions { run.roundToAggregate = round }
        if machine.openRound == nil, let last = rounds.last { try await discardUploads(of: record.digest, upTo: last.round) }
        return run
    }
}

extension RoundRecord {
    /// The round as the machine continues it; `nil` when it is over.
    fileprivate var open: RoundMachine.OpenRound? {
        switch state {
        case .collecting: RoundMachine.OpenRound(opening: opening, updates: updates, declined: Set(declines.keys), isAggregating: false)
        case .aggregating: RoundMachine.OpenRound(opening: opening, updates: updates, declined: Set(declines.keys), isAggregating: true)
        case .published, .abandoned: nil
        }
    }
}
