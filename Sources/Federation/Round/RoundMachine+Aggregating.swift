extension RoundMachine {
    /// The published set is fixed; the sum and the next model are being computed.
    public struct Aggregating: Sendable, Hashable {
        public let opening: RoundOpening
        public let updates: [AcceptedUpdate]
    }

    mutating func finishAggregation(of round: RoundNumber, with result: AggregationResult, at now: WallTime) -> [RoundAction] {
        guard case .aggregating(let aggregating) = phase, aggregating.opening.round == round else { return [] }
        switch result {
        case .success(let model):
            newestModel = model
            publishedRounds += 1
            let next = Gathering(notBefore: now)
            phase = .gathering(next)
            return [.publish(model, round)] + openRoundIfPossible(next, at: now)
        case .failure(let reason):
            return abandon(round, reason, at: now)
        }
    }

    enum AggregationResult {
        case success(ModelReference)
        case failure(AbandonReason)
    }
}
