import DifferentialPrivacy
import Federation
import Logging
import SecureAggregation
import Tensors

extension Coordinator {
    /// Turns the accepted updates of a round into the next model version, or finds why there is none.
    func aggregate(_ round: RoundNumber) async throws {
        guard !mustReload, let run = planRun, run.roundToAggregate == round, let record = try await storage.round(round, of: run.digest) else { return }
        if run.plan.privacy.aggregation != nil { return try await aggregateSecurely(record, in: run) }
        let event: RoundEvent
        do {
            event = try await .aggregated(round, publishableModel(of: record, in: run))
        } catch let problem as AggregationProblem {
            event = .aggregationFailed(round, problem.reason)
        }
        try await transition(event)
    }

    /// Why the updates give no model.
    private struct AggregationProblem: Error {
        let reason: AbandonReason
    }

    /// The same under masks: the sum is durable before anything computed from it is told.
    private func aggregateSecurely(_ record: RoundRecord, in run: PlanRun) async throws {
        do {
            let digest = try await unmaskedSum(of: record, in: run)
            let sum = try await run.codec.decode(storage.readAll(digest))
            let model = try await model(from: sum, of: record, in: run)
            try await announceSum(digest, model: model, of: record.round)
        } catch let problem as AggregationProblem {
            try await transition(.aggregationAborted(record.round, problem.reason))
        }
    }

    /// The sum's payload, d words of b bits, by its digest: as it was recorded, or the survivors' payloads without what masks them.
    private func unmaskedSum(of record: RoundRecord, in run: PlanRun) async throws -> Digest {
        if let digest = record.noisedSum { return digest }
        guard let removal = run.secureRound(record.round)?.removal else { throw AggregationProblem(reason: .aggregationLost) }
        let uploads = record.updates.map { UploadName(plan: run.digest, round: record.round, node: $0.node, payload: $0.payload) }
        var sum = MaskedVector(dimension: run.layout.count, modulusBits: run.plan.privacy.grid.modulusBits)
        do {
            try await GridSum(codec: run.codec, coordinateCount: run.layout.count).add(uploads, from: storage, to: &sum)
            try sum.remove(removal)
        } catch let error as FederationError where error.code == .corrupted || error.code == .notFound {
            logger.error("An accepted update cannot be read", metadata: ["round": "\(record.round)", "error": "\(error)"])
            throw AggregationProblem(reason: .damagedUpdate)
        } catch let error as SecureAggregationError {
            logger.error("The masks cannot be removed", metadata: ["round": "\(record.round)", "error": "\(error)"])
            throw AggregationProblem(reason: .aggregationFailed)
        }
        faults(.sum)
        let digest = try await storage.store(sum.payload())
        try await storage.recordNoisedSum(digest, in: record.round, of: run.digest)
        faults(.noisedSumRecorded)
        return digest
    }

    /// Writes the next model version and returns its name; no record names it yet.
    private func publishableModel(of record: RoundRecord, in run: PlanRun) async throws -> ModelReference {
        try await model(from: releasableSum(of: record, in: run), of: record, in: run)
    }

    private func model(from sum: [Int64], of record: RoundRecord, in run: PlanRun) async throws -> ModelReference {
        let enrolledUsers = record.updates.reduce(0) { $0 + (run.machine.members[$1.node]?.enrolledUsers ?? 0) }
        let base = try await ModelVersion(
            encoded: storage.readAll(record.opening.baseModel.digest), layout: run.layout, optimizer: run.plan.serverOptimizer, plan: run.digest)
        guard let next = base.next(in: record.round, parent: record.opening.baseModel.digest, sum: sum, enrolledUsers: enrolledUsers, of: run.plan) else {
            throw AggregationProblem(reason: .noWeight)
        }
        guard next.isFinite else { throw AggregationProblem(reason: .modelNotFinite) }
        let bytes = next.encoded(layout: run.layout)
        let reference = try await ModelReference(round: record.round.value, digest: storage.store(bytes), byteCount: bytes.count)
        faults(.modelFile)
        return reference
    }

    /// The sum of the round: exact, and with privacy `central` with the coordinator's noise.
    ///
    /// The noised sum is durable before anything computed from it is; a restart takes it up again, because a second draw over the
    /// same updates would be a second release. Mechanism: discrete Gaussian, sensitivity D in L2 norm under add/remove of one user.
    private func releasableSum(of record: RoundRecord, in run: PlanRun) async throws -> [Int64] {
        let wide = UpdateCodec(modulusBits: 64)
        if let digest = record.noisedSum { return try await wide.decode(storage.readAll(digest)) }
        let uploads = record.updates.map { UploadName(plan: run.digest, round: record.round, node: $0.node, payload: $0.payload) }
        let summing = GridSum(codec: run.codec, coordinateCount: run.plan.coordinateCount(parameters: run.layout.count))
        var sum: [Int64]
        do {
            sum = try await summing.sum(of: uploads, from: storage)
        } catch let error as FederationError where error.code == .corrupted || error.code == .notFound {
            logger.error("An accepted update cannot be read", metadata: ["round": "\(record.round)", "error": "\(error)"])
            throw AggregationProblem(reason: .damagedUpdate)
        }
        faults(.sum)
        guard case .central = run.plan.privacy.mode, let gaussian = try run.plan.noise() else { return sum }
        var stream = try noise.stream(for: NoisePurpose("coordinator", run.digest.hex, "round \(record.round)"))
        try gaussian.add(to: &sum, from: &stream)
        let digest = try await storage.store(wide.encode(sum))
        try await storage.recordNoisedSum(digest, in: record.round, of: run.digest)
        faults(.noisedSumRecorded)
        return sum
    }
}
