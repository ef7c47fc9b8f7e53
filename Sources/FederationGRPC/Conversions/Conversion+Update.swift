package import Federation
import Foundation

extension Tributary_Federation_V1_UpdateHeader {
    package init(_ header: UpdateHeader) {
        self.init()
        plan = Data(header.plan.bytes)
        round = UInt64(header.round.value)
        baseModel = Data(header.baseModel.bytes)
        payload = Data(header.payload.bytes)
        payloadByteCount = UInt64(header.payloadByteCount)
        maskedInput = Data(header.maskedInput ?? [])
        if let report = header.report { self.report = Tributary_Federation_V1_TrainingReport(report) }
    }

    package func header() throws -> UpdateHeader {
        guard maskedInput.count <= WireLimits.maskedInputByteCount else {
            throw WireFormatError("header.masked_input has \(maskedInput.count) bytes; at most \(WireLimits.maskedInputByteCount) are allowed")
        }
        return UpdateHeader(
            plan: try WireField.digest(plan, "header.plan"),
            round: try WireField.round(round, "header.round"),
            baseModel: try WireField.digest(baseModel, "header.base_model"),
            payload: try WireField.digest(payload, "header.payload"),
            payloadByteCount: try WireField.byteCount(payloadByteCount, "header.payload_byte_count"),
            report: hasReport ? try report.report() : nil, maskedInput: maskedInput.isEmpty ? nil : Array(maskedInput))
    }
}

extension Tributary_Federation_V1_TrainingReport {
    init(_ report: TrainingReport) {
        self.init()
        lossSum = report.lossSum
        targetCount = UInt64(report.targetCount)
        hitsAt10 = report.hitsAt10
        ndcgAt10 = report.ndcgAt10
        evaluatedUsers = UInt64(report.evaluatedUsers)
    }

    func report() throws -> TrainingReport {
        TrainingReport(
            lossSum: try WireField.finite(lossSum, "report.loss_sum"),
            targetCount: try WireField.count(targetCount, "report.target_count"),
            hitsAt10: try WireField.finite(hitsAt10, "report.hits_at_10"),
            ndcgAt10: try WireField.finite(ndcgAt10, "report.ndcg_at_10"),
            evaluatedUsers: try WireField.count(evaluatedUsers, "report.evaluated_users"))
    }
}

extension Tributary_Federation_V1_UploadState {
    package init(_ status: UploadStatus) {
        self.init()
        switch status {
        case .incomplete(let offset): incompleteOffset = UInt64(offset)
        case .accepted: accepted = Accepted()
        case .notNeeded: notNeeded = NotNeeded()
        case .rejected(let reason): rejected = Tributary_Federation_V1_RejectionReason(reason)
        }
    }

    package func status() throws -> UploadStatus {
        switch state {
        case .incompleteOffset(let offset): .incomplete(offset: try WireField.byteCount(offset, "incomplete_offset"))
        case .accepted: .accepted
        case .notNeeded: .notNeeded
        case .rejected(let reason): .rejected(try reason.reason())
        case nil: throw WireFormatError("the upload state is of a kind this version does not know: update this program")
        }
    }
}

extension Tributary_Federation_V1_RejectionReason {
    init(_ reason: RejectionReason) {
        self =
            switch reason {
            case .unknownPlan: .unknownPlan
            case .notJoined: .notJoined
            case .notSelected: .notSelected
            case .wrongRound: .wrongRound
            case .wrongModel: .wrongModel
            case .wrongSize: .wrongSize
            case .digestMismatch: .digestMismatch
            case .conflictingUpdate: .conflictingUpdate
            case .outOfRange: .outOfRange
            case .unexpectedReport: .unexpectedReport
            case .malformed: .malformed
            }
    }

    func reason() throws -> RejectionReason {
        switch self {
        case .unknownPlan: .unknownPlan
        case .notJoined: .notJoined
        case .notSelected: .notSelected
        case .wrongRound: .wrongRound
        case .wrongModel: .wrongModel
        case .wrongSize: .wrongSize
        case .digestMismatch: .digestMismatch
        case .conflictingUpdate: .conflictingUpdate
        case .outOfRange: .outOfRange
        case .unexpectedReport: .unexpectedReport
        case .malformed: .malformed
        case .unspecified, .UNRECOGNIZED: throw WireFormatError("rejection reason \(rawValue) is not known")
        }
    }
}
