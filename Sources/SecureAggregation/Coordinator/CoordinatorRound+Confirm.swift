extension CoordinatorRound {
    /// The sum is known → the result goes out.
    /// - Parameter sumDigest: SHA-256 of the payload of the unmasked sum.
    public mutating func summed(_ sumDigest: Hash256) -> [CoordinatorAction] {
        guard stage == .confirm, result == nil, let keyed, let request else { return [] }
        let digests = survivors.compactMap { inputs[$0].flatMap { Hash256($0.body) } }
        let result = AggregateResult(survivors: survivors, signatures: request.signatures, payloadDigests: digests, sumDigest: sumDigest)
        self.result = result
        let alive = Set(survivors)
        let users = announcement.cohort.filter { alive.contains($0.id) }.reduce(UInt64(0)) { $0 &+ $1.users }
        let bytes = result.encoded()
        return [
            .entered(.confirm), .published(AggregateSummary(survivors: survivors, users: users, sumDigest: sumDigest, transcript: result.transcript(in: keyed.context))),
        ] + survivors.map { .send($0, bytes) }
    }

    mutating func acceptConfirmation(_ message: SignedMessage) throws {
        _ = try Confirmation(body: message.body)
        confirmations[message.sender] = message
    }

    /// Everybody sees what everybody has signed.
    mutating func closeConfirmations() -> [CoordinatorAction] {
        let messages = confirmations.values.sorted { $0.sender < $1.sender }
        let bytes = ConfirmationList(confirmations: messages).encoded()
        stage = .ended
        let models = Set(messages.compactMap { try? Confirmation(body: $0.body).nextModel })
        let end: CoordinatorEnd = if messages.count < configuration.threshold {
            .abandoned(AggregationAlarm(.quorum, "\(messages.count) nodes have confirmed the next model; \(configuration.threshold) are needed"))
        } else if models.count > 1 {
            .abandoned(AggregationAlarm(.modelDiffers, "the nodes computed \(models.count) different models from one sum"))
        } else {
            .completed
        }
        // Too few confirmations are nobody's fault: the nodes hear of the end and not of a list that they would have to refuse.
        let listed = messages.count < configuration.threshold ? [] : messages
        return listed.map { .send($0.sender, bytes) } + [.ended(end)]
    }
}
