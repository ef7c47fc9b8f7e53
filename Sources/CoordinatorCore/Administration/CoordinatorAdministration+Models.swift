public import Federation

extension CoordinatorAdministration {
    /// Every model version, oldest first.
    public func models() async throws -> [ModelRecord] { try await storage.models() }

    /// The model version whose digest begins with these hexadecimal digits.
    /// - Throws: ``FederationError``: `.notFound`, or `.invalidArgument` when several begin so.
    public func model(startingWith digits: String) async throws -> ModelRecord {
        let prefix = digits.lowercased()
        let matches = try await storage.models().filter { $0.reference.digest.hex.hasPrefix(prefix) }
        guard let match = matches.first, !prefix.isEmpty else {
            throw FederationError(.notFound, "No model version begins with \(digits). See coordinator models list.")
        }
        guard matches.count == 1 else {
            throw FederationError(.invalidArgument, "\(matches.count) model versions begin with \(digits). Give more digits.")
        }
        return match
    }

    /// The bytes of a model version: a safetensors file, its digest verified.
    public func modelFile(_ digest: Digest) async throws -> [UInt8] { try await storage.readAll(digest) }

    /// What the model version claims about the privacy of the users it learned from.
    /// - Throws: ``FederationError`` `.notFound` when its plan is not recorded here.
    public func privacyStatement(of model: ModelRecord) async throws -> PrivacyStatement {
        guard let record = try await storage.plans().first(where: { $0.digest == model.plan }) else {
            throw FederationError(.notFound, "The plan \(model.plan.short)… of the model is not recorded here.")
        }
        return try PrivacyStatement(plan: try record.plan(), digest: model.plan, model: model.reference)
    }

    /// Makes this the version that nodes serve once its plan is over.
    /// - Throws: ``FederationError`` `.notFound` when there is no such version.
    public func promote(_ digest: Digest) async throws { try await storage.promote(digest, at: clock.now) }

    /// Undoes the last promotion of the plan that is active or changed last.
    /// - Returns: the version that is promoted now; `nil` when there is none, so that nodes serve the newest.
    /// - Throws: ``FederationError`` `.failedPrecondition` when nothing was promoted.
    public func rollback() async throws -> Digest? {
        guard let plan = try await status()?.record.digest, try await storage.models().contains(where: { $0.plan == plan && $0.isPromoted }) else {
            throw FederationError(.failedPrecondition, "No model version of the last plan is promoted, so there is nothing to roll back.")
        }
        return try await storage.undoPromotion(of: plan)
    }
}
