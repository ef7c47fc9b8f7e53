package import Federation
import Foundation

extension Tributary_Federation_V1_GetCurrentPlanResponse {
    package init(_ offer: Federation.PlanOffer?) {
        self.init()
        guard let offer else { return }
        plan.encodedPlan = Data(offer.encodedPlan)
        plan.catalogByteCount = UInt64(offer.catalogByteCount)
        roster = Data(offer.roster ?? [])
    }

    package func offer() throws -> Federation.PlanOffer? {
        guard hasPlan else { return nil }
        guard (1...WireLimits.planByteCount).contains(plan.encodedPlan.count) else {
            throw WireFormatError("encoded_plan has \(plan.encodedPlan.count) bytes; 1 to \(WireLimits.planByteCount) are allowed")
        }
        guard roster.count <= WireLimits.rosterByteCount else {
            throw WireFormatError("roster has \(roster.count) bytes; at most \(WireLimits.rosterByteCount) are allowed")
        }
        return Federation.PlanOffer(
            encodedPlan: Array(plan.encodedPlan), catalogByteCount: try WireField.byteCount(plan.catalogByteCount, "catalog_byte_count"),
            roster: roster.isEmpty ? nil : Array(roster))
    }
}

extension Tributary_Federation_V1_JoinRequest {
    package init(_ declaration: JoinDeclaration) {
        self.init()
        plan = Data(declaration.plan.bytes)
        enrolledUsers = UInt64(declaration.enrolledUsers)
    }

    package func declaration() throws -> JoinDeclaration {
        JoinDeclaration(plan: try WireField.digest(plan, "plan"), enrolledUsers: try WireField.count(enrolledUsers, "enrolled_users"))
    }
}

extension Tributary_Federation_V1_DeclineRequest {
    package init(round: RoundNumber, plan: Digest, reason: DeclineReason) {
        self.init()
        self.round = UInt64(round.value)
        self.plan = Data(plan.bytes)
        self.reason =
            switch reason {
            case .budgetExhausted: .budgetExhausted
            case .tooFewUsers: .tooFewUsers
            case .shuttingDown: .shuttingDown
            case .trainingFailed: .trainingFailed
            case .periodExhausted: .periodExhausted
            }
    }

    package func parts() throws -> (round: RoundNumber, plan: Digest, reason: DeclineReason) {
        let reason: DeclineReason =
            switch self.reason {
            case .budgetExhausted: .budgetExhausted
            case .tooFewUsers: .tooFewUsers
            case .shuttingDown: .shuttingDown
            case .trainingFailed: .trainingFailed
            case .periodExhausted: .periodExhausted
            case .unspecified, .UNRECOGNIZED: throw WireFormatError("reason \(self.reason.rawValue) is not known")
            }
        return (try WireField.round(round, "round"), try WireField.digest(plan, "plan"), reason)
    }
}
