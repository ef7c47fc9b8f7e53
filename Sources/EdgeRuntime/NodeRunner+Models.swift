internal import Federation
internal import Interactions
internal import Logging
internal import RecommenderModels
internal import Tensors

extension NodeRunner {
    /// Fetches bytes under their digest, continuing where an earlier attempt stopped.
    /// - Throws: `FederationError` `.corrupted` when they do not have the digest (they are thrown away), `.rejected` when too large.
    func fetch(_ digest: Digest, byteCount: Int, limit: Int) async throws -> [UInt8] {
        if let bytes = try await storage.blob(digest) { return bytes }
        guard (0...limit).contains(byteCount) else {
            throw FederationError(.rejected, "The coordinator announces \(byteCount) bytes for \(digest.short), more than the \(limit) this node accepts.")
        }
        let storage = storage
        let observe = observe
        if case .partial(let held) = try await storage.blobProgress(digest), held < byteCount {
            let progress = DownloadProgress(held)
            try await coordinator.download(digest, from: held) { bytes in
                let offset = await progress.advance(by: bytes.count)
                guard offset + bytes.count <= byteCount else {
                    throw FederationError(.corrupted, "The coordinator sent more bytes for \(digest.short) than the \(byteCount) it announced.")
                }
                try await storage.appendToBlob(digest, at: offset, bytes)
                observe(.downloading(digest, bytes: offset + bytes.count, of: byteCount))
            }
        }
        try await storage.completeBlob(digest)
        guard let bytes = try await storage.blob(digest) else {
            throw StorageError(.corrupted, "The file \(digest.short) vanished after it was received; check the node's directory.")
        }
        return bytes
    }

    /// Makes a published model the one served: fetched, checked, scored on the held-out events, durable, then shown.
    func adopt(_ model: ModelReference) async throws {
        guard let standing else { return }
        let parameters = try await parameters(of: model, in: standing)
        let engine = try await RecommendationEngine(
            plan: standing.digest, model: model, catalog: standing.catalog, recommender: standing.recommender, parameters: parameters,
            workers: options.workers, index: options.index)
        try await storage.setServedModel(ServedModelRecord(plan: standing.digest, model: model))
        await shelf.replace(with: engine)
        try await storage.retainBlobs([model.digest, standing.plan.catalog.digest])
        logger.info("serving model", metadata: ["round": "\(model.round)", "model": "\(model.digest.short)"])
        observe(.serving(model))
        if options.evaluates { _ = try await evaluation(of: model, parameters: parameters) }
    }

    /// The parameters of a model version.
    func parameters(of model: ModelReference, in standing: PlanStanding) async throws -> [Float] { try await version(model, in: standing).parameters }

    /// A model version, checked against the plan and the layout of its model.
    func version(_ model: ModelReference, in standing: PlanStanding) async throws -> ModelVersion {
        let count = standing.recommender.layout.count
        let bytes = try await fetch(model.digest, byteCount: model.byteCount, limit: 64 * count + 1 << 20)
        return try ModelVersion(
            encoded: bytes, layout: standing.recommender.layout, optimizer: standing.plan.serverOptimizer, plan: standing.digest)
    }

    /// After a restart: what was served before is served again, before the coordinator is asked.
    func shelveStoredModel() async throws {
        guard await shelf.engine == nil, let engine = try await storage.storedEngine(workers: options.workers, index: options.index) else { return }
        await shelf.replace(with: engine)
        observe(.serving(engine.model))
    }
}

/// How far a download is; the delivering closure may run anywhere.
private actor DownloadProgress {
    private var offset: Int
    init(_ offset: Int) { self.offset = offset }
    /// Returns the offset before.
    func advance(by count: Int) -> Int {
        defer { offset += count }
        return offset
    }
}

extension NodeStorage {
    /// The model served last, ready to answer; `nil` before the first or when its plan's files are gone.
    /// - Parameter index: the exact one suits a command that asks once.
    public func storedEngine(workers: Int = 1, index: IndexChoice = .exact) async throws -> RecommendationEngine? {
        guard let served = try await servedModel(), let membership = try await membership(of: served.plan),
            let bytes = try await blob(served.model.digest)
        else { return nil }
        let plan = try Plan(encoded: membership.encodedPlan)
        guard let file = try await blob(plan.catalog.digest) else { return nil }
        let catalog = try Catalog(csv: file, fileName: "catalog \(plan.catalog.digest.short)")
        let recommender = try plan.model.recommender(itemCount: catalog.count)
        let version = try ModelVersion(
            encoded: bytes, layout: recommender.layout, optimizer: plan.serverOptimizer, plan: served.plan)
        return try await RecommendationEngine(
            plan: served.plan, model: served.model, catalog: catalog, recommender: recommender, parameters: version.parameters, workers: workers,
            index: index)
    }
}
