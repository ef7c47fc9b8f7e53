public import Federation

/// When a plan may be asked for, whatever the storage.
public enum PlanRequest {
    /// - Throws: ``FederationError`` `.failedPrecondition` when another plan is active, or this one is over.
    public static func check(_ plan: Digest, against records: [PlanRecord]) throws {
        if let active = records.first(where: { $0.state.isActive && $0.digest != plan }) {
            throw FederationError(
                .failedPrecondition, "Plan \(active.digest.short)… is active, and one plan runs at a time. Wait for it, or stop it: coordinator plan stop.")
        }
        switch records.first(where: { $0.digest == plan })?.state {
        case nil, .requested, .running, .stopped: return
        case .stopping:
            throw FederationError(.failedPrecondition, "Plan \(plan.short)… is being stopped. Start it again when it has stopped.")
        case .finished, .failed:
            throw FederationError(.failedPrecondition, "Plan \(plan.short)… is over. To train once more, change the plan's name or seed.")
        }
    }
}

extension JoinRecord {
    /// - Throws: ``FederationError`` `.rejected` when the declaration differs from the recorded one.
    public func check(_ declaration: JoinDeclaration) throws {
        guard enrolledUsers == declaration.enrolledUsers else {
            throw FederationError(
                .rejected,
                "Node \(node) declared \(enrolledUsers) enrolled users for this plan and now \(declaration.enrolledUsers); the number is fixed for a plan. "
                    + "Join with the earlier one.")
        }
    }
}

extension ModelRecord {
    public static func unknown(_ model: Digest) -> FederationError {
        FederationError(.notFound, "There is no model version \(model.short)…. See coordinator models list.")
    }
}

extension UploadName {
    public func misplaced(_ offset: Int, end: Int) -> FederationError {
        FederationError(.failedPrecondition, "Bytes for offset \(offset) came where \(end) is next. Ask for the update's status and go on from there.")
    }
}
