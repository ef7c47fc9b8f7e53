extension RoundMachine {
    /// What an update's header is worth before its bytes are looked at.
    public enum Verdict: Sendable, Hashable {
        /// Send the bytes.
        case wanted
        /// Nothing more to send.
        case decided(UploadStatus)
        /// The round is over: what was recorded then decides.
        case roundIsClosed
    }

    /// What the node should do now.
    public func work(for node: NodeID, at now: WallTime) -> Assignment.Work {
        switch phase {
        case .ended: return .planEnded
        case .collecting(let collecting) where collecting.outstanding.contains(node) && now < collecting.deadline:
            return .train(RoundAssignment(round: collecting.opening.round, model: collecting.opening.baseModel, timeLeft: collecting.deadline - now))
        case .gathering, .collecting, .aggregating: return .wait(.seconds(1))
        }
    }

    /// Judges a header by form, membership, round, model and what was accepted before. Changes nothing.
    public func verdict(on header: UpdateHeader, from node: NodeID) -> Verdict {
        guard header.plan == planDigest else { return .decided(.rejected(.unknownPlan)) }
        guard members[node] != nil else { return .decided(.rejected(.notJoined)) }
        guard header.payloadByteCount == payloadByteCount else { return .decided(.rejected(.wrongSize)) }
        if let report = header.report {
            guard plan.privacy.isOff else { return .decided(.rejected(.unexpectedReport)) }
            guard report.isPlausible else { return .decided(.rejected(.malformed)) }
        }
        guard (header.maskedInput != nil) == (plan.privacy.aggregation != nil) else { return .decided(.rejected(.malformed)) }
        guard header.round.value <= attempts else { return .decided(.rejected(.wrongRound)) }
        let opening: RoundOpening
        let accepted: AcceptedUpdate?
        let isCollecting: Bool
        switch phase {
        case .collecting(let collecting) where collecting.opening.round == header.round:
            opening = collecting.opening
            accepted = collecting.update(of: node)
            isCollecting = !collecting.declined.contains(node)
        case .aggregating(let aggregating) where aggregating.opening.round == header.round:
            opening = aggregating.opening
            accepted = aggregating.updates.first { $0.node == node }
            isCollecting = false
        default: return .roundIsClosed
        }
        guard opening.cohort.contains(node) else { return .decided(.rejected(.notSelected)) }
        guard header.baseModel == opening.baseModel.digest else { return .decided(.rejected(.wrongModel)) }
        if let accepted { return .decided(accepted.payload == header.payload ? .accepted : .rejected(.conflictingUpdate)) }
        return isCollecting ? .wanted : .decided(.notNeeded)
    }

    /// Whether the grid has room for one more node with so many users.
    public func hasRoom(for node: NodeID, enrolledUsers: Int) -> Bool {
        let others = members.filter { $0.key != node }
        var total = enrolledUsers
        for member in others.values {
            let (sum, overflow) = total.addingReportingOverflow(member.enrolledUsers)
            if overflow { return false }
            total = sum
        }
        return plan.fits(enrolledUsers: total, nodes: others.count + 1)
    }
}

extension TrainingReport {
    /// Finite sums, counts that are not negative, and hit sums within the number of users.
    var isPlausible: Bool {
        lossSum.isFinite && targetCount >= 0 && targetCount <= 1 << 48 && evaluatedUsers >= 0 && evaluatedUsers <= 1 << 40
            && (0...Double(evaluatedUsers)).contains(hitsAt10) && (0...Double(evaluatedUsers)).contains(ndcgAt10)
    }
}
