extension NodeRound {
    /// The published result → the node applies the server's step itself.
    mutating func published(_ bytes: [UInt8], _ keyed: KeyedRound, _ open: OpenRound) throws -> [NodeAction] {
        let result = try AggregateResult(decoding: bytes)
        guard let agreed = open.agreed, result.survivors == agreed.survivors, result.payloadDigests.count == result.survivors.count else {
            throw AggregationAlarm(.transcript, "the result is over other nodes than those this node has agreed to")
        }
        guard let own = result.survivors.firstIndex(of: identity.member), result.payloadDigests[own] == open.payloadDigest else {
            throw AggregationAlarm(.transcript, "the result holds another input of this node than it sent")
        }
        let survivors = Set(result.survivors)
        let users = keyed.announcement.cohort.filter { survivors.contains($0.id) }.reduce(UInt64(0)) { $0 &+ $1.users }
        let summary = AggregateSummary(survivors: result.survivors, users: users, sumDigest: result.sumDigest, transcript: result.transcript(in: keyed.context))
        phase = .applying(keyed, open, summary)
        return [.applyStep(summary)]
    }

    /// The next model → a signature on it.
    mutating func confirm(_ nextModel: Hash256, _ keyed: KeyedRound, _ open: OpenRound, _ summary: AggregateSummary) throws -> [NodeAction] {
        let confirmation = Confirmation(transcript: summary.transcript, nextModel: nextModel)
        let message = try keyed.scope.signed(.confirmation, body: confirmation.body, by: identity)
        phase = .confirmed(keyed, open, confirmation)
        answered[.result]?.reply = message
        return [.send(message)]
    }

    /// The others' confirmations → done, when at least t nodes have computed the same model from the same sum.
    mutating func confirmed(_ bytes: [UInt8], _ keyed: KeyedRound, _ open: OpenRound, _ own: Confirmation) throws -> [NodeAction] {
        let list = try ConfirmationList(decoding: bytes)
        let survivors = Set(open.agreed?.survivors ?? [])
        guard list.confirmations.map(\.sender).isStrictlyAscending else { throw AggregationAlarm(.invalidSet, "the confirmations are out of order or double") }
        for message in list.confirmations {
            guard message.kind == .confirmation, survivors.contains(message.sender), let key = roster[message.sender]?.key, keyed.scope.verifies(message, with: key) else {
                throw AggregationAlarm(.signature, "a confirmation is not signed by a survivor of this round", member: message.sender)
            }
            let confirmation = try Confirmation(body: message.body)
            guard confirmation.transcript == own.transcript else { throw AggregationAlarm(.transcript, "a node was shown another result", member: message.sender) }
            guard confirmation.nextModel == own.nextModel else { throw AggregationAlarm(.modelDiffers, "a node computed another next model from the same sum", member: message.sender) }
        }
        guard list.confirmations.count >= keyed.configuration.threshold else {
            throw AggregationAlarm(.quorum, "\(list.confirmations.count) nodes have confirmed the next model; \(keyed.configuration.threshold) are needed")
        }
        phase = .ended
        answered = [:]
        return [.ended(.completed)]
    }
}
