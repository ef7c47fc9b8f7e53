public import DifferentialPrivacy
public import Federation
internal import LocalTraining

extension BudgetPolicy {
    /// Decides about a plan before it is joined. The node computes the cost itself: a coordinator cannot talk it into believing that
    /// a plan is cheaper than it is.
    /// - Parameters:
    ///   - event: of one round; `nil` with privacy `off`.
    ///   - eligibleUsers: users with enough training events.
    /// - Throws: `FederationError`: `.rejected` for a mode or number of users the policy excludes, `.invalidPlan` when the plan costs
    ///   more than it promises; `PrivacyError` `.budgetExhausted` when the budget does not cover every attempt.
    public func admit(_ plan: Plan, digest: Digest, event: MechanismEvent?, eligibleUsers: Int, ledger: PrivacyLedger) throws {
        let mode = plan.privacy.mode.name
        guard allowedModes.contains(mode) else {
            let allowed = allowedModes.map(\.rawValue).sorted().joined(separator: ", ")
            throw FederationError(
                .rejected, "The plan's privacy mode is \(mode.rawValue), and this node's policy allows \(allowed); allow it with budget.allowed-modes or --allow-mode \(mode.rawValue), if its users agree.")
        }
        guard eligibleUsers >= minimumUsers else {
            throw FederationError(
                .rejected, "This node has \(eligibleUsers) users with at least \(plan.training.minimumEvents) training events, fewer than the \(minimumUsers) its policy asks for; import more events or lower budget.minimum-users.")
        }
        guard plan.selection.quorum >= minimumCohort else {
            throw FederationError(
                .rejected, "The plan publishes rounds of \(plan.selection.quorum) nodes, fewer than the \(minimumCohort) this node's policy asks for; join a plan with a larger selection.quorum, or lower budget.minimum-cohort.")
        }
        guard let event, let mechanism = plan.privacy.mechanism else { return }
        if let name = plan.privacy.mechanismName, !allowedMechanisms.contains(name) {
            let allowed = allowedMechanisms.map(\.rawValue).sorted().joined(separator: ", ")
            throw FederationError(.rejected, "The plan's mechanism is \(name.rawValue), and this node's policy allows \(allowed); allow it with budget.allowed-mechanisms, if its users agree.")
        }
        var all = event
        all.count = plan.maximumAttempts
        let cost = try PrivacyAccountant.epsilon(of: [all], delta: mechanism.delta)
        guard cost.epsilon <= mechanism.epsilon * (1 + 1e-9) else {
            throw FederationError(
                .invalidPlan, "The plan promises ε = \(mechanism.epsilon) at δ = \(mechanism.delta) over \(plan.maximumAttempts) attempts, and costs ε = \(cost.epsilon); its operator must add noise or attempt fewer rounds.")
        }
        try ledger.admit(event, plan: digest.hex, maximumAttempts: plan.maximumAttempts)
    }
}
