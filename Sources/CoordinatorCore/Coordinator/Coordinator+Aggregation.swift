import DifferentialPrivacy
import Federation
import Logging
import Tensors

extension Coordinator {
    /// Turns the accepted updates of a round into the next model version, or finds why there is none.
    func aggregate(_ round: RoundNumber) async throws {
        guard !mustReload, let run = planRun, run.roundToAggregate == round, let record = try await storage.round(round, of: run.digest) else { return }
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

    /// Writes the next model version and returns its name; no record names it yet.
    private func publishableModel(of record: RoundRecord, in run: PlanRun) async throws -> ModelReference {
        let sum = try await releasableSum(of: record, in: run)
        let enrolledUsers = record.updates.reduce(0) { $0 + (run.machine.members[$1.node]?.enrolledUsers ?? 0) }
        let base = try await ModelVersion(
            encoded: storage.readAll(record.opening.baseModel.digest), layout: run.layout, optimizer: run.plan.serverOptimizer, plan: run.digest)
        guard let gradient = PseudoGradient(sum: sum, plan: run.plan, enrolledUsers: enrolledUsers, clip: base.clip) else {
            throw AggregationProblem(reason: .noWeight)
        }
        let next = base.next(round: record.round, parent: record.opening.baseModel.digest, delta: gradient.delta, by: run.plan.serverOptimizer(in: record.round), clip: gradient.nextClip)
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
