package import Federation
import Foundation

extension Tributary_Federation_V1_NextAssignmentRequest {
    package init(_ poll: AssignmentPoll) {
        self.init()
        plan = Data(poll.plan.bytes)
        if let known = poll.knownModel { knownModel = Data(known.bytes) }
        patienceMilliseconds = UInt32(WireField.milliseconds(poll.patience, atMost: WireLimits.patience))
        if let head = poll.verifiedLedger { verifiedLedger = Tributary_Federation_V1_LedgerHead(head) }
        if let head = poll.ledger { ledger = Tributary_Federation_V1_LedgerHead(head) }
    }

    package func poll() throws -> AssignmentPoll {
        AssignmentPoll(
            plan: try WireField.digest(plan, "plan"),
            knownModel: hasKnownModel ? try WireField.digest(knownModel, "known_model") : nil,
            patience: try WireField.duration(milliseconds: UInt64(patienceMilliseconds), atMost: WireLimits.patience, "patience_milliseconds"),
            ledger: hasLedger ? try ledger.head() : nil, verifiedLedger: hasVerifiedLedger ? try verifiedLedger.head() : nil)
    }
}

extension Tributary_Federation_V1_LedgerHead {
    package init(_ head: LedgerHead) {
        self.init()
        count = UInt64(head.count)
        hash = Data(head.hash.bytes)
    }

    package func head() throws -> LedgerHead {
        LedgerHead(count: try WireField.count(count, "ledger.count"), hash: try WireField.digest(hash, "ledger.hash"))
    }
}

extension Tributary_Federation_V1_ModelReference {
    package init(_ reference: ModelReference) {
        self.init()
        round = UInt64(reference.round)
        digest = Data(reference.digest.bytes)
        byteCount = UInt64(reference.byteCount)
    }

    package func reference() throws -> ModelReference {
        ModelReference(
            round: try WireField.count(round, "model.round"),
            digest: try WireField.digest(digest, "model.digest"),
            byteCount: try WireField.byteCount(byteCount, "model.byte_count"))
    }
}

extension Tributary_Federation_V1_NextAssignmentResponse {
    package init(_ assignment: Assignment) {
        self.init()
        switch assignment.work {
        case .wait(let duration):
            wait.milliseconds = UInt32(WireField.milliseconds(duration, atMost: WireLimits.wait))
        case .train(let lease):
            train.round = UInt64(lease.round.value)
            train.model = Tributary_Federation_V1_ModelReference(lease.model)
            train.timeLeftMilliseconds = WireField.milliseconds(lease.timeLeft, atMost: WireLimits.wait)
        case .otherPlan(let digest):
            otherPlan.plan = Data(digest.bytes)
        case .planEnded:
            planEnded = PlanEnded()
        }
        if let newest = assignment.newestModel { newestModel = Tributary_Federation_V1_ModelReference(newest) }
        incarnation = UInt64(assignment.incarnation)
        if let head = assignment.rememberedLedger { rememberedLedger = Tributary_Federation_V1_LedgerHead(head) }
    }

    package func assignment() throws -> Assignment {
        let work: Assignment.Work
        switch self.work {
        case .wait(let wait):
            work = .wait(try WireField.duration(milliseconds: UInt64(wait.milliseconds), atMost: WireLimits.wait, "wait.milliseconds"))
        case .train(let train):
            guard train.hasModel else { throw WireFormatError("train.model is missing") }
            work = .train(
                RoundAssignment(
                    round: try WireField.round(train.round, "train.round"),
                    model: try train.model.reference(),
                    timeLeft: try WireField.duration(
                        milliseconds: train.timeLeftMilliseconds, atMost: WireLimits.wait, "train.time_left_milliseconds")))
        case .otherPlan(let other):
            work = .otherPlan(try WireField.digest(other.plan, "other_plan.plan"))
        case .planEnded:
            work = .planEnded
        case nil:
            throw WireFormatError("work is of a kind this version does not know: update this program")
        }
        return Assignment(
            work: work,
            newestModel: hasNewestModel ? try newestModel.reference() : nil,
            incarnation: try WireField.count(incarnation, "incarnation"),
            rememberedLedger: hasRememberedLedger ? try rememberedLedger.head() : nil)
    }
}
