extension CoordinatorRound {
    mutating func acceptShares(_ message: SignedMessage) throws {
        guard let keyed else { throw AggregationAlarm(.outOfTurn, "shares came before keys", member: message.sender) }
        _ = try ShareBundle(body: message.body, neighbours: keyed.graph.sealedNeighbours(of: message.sender).count)
        bundles[message.sender] = message
    }

    /// U2.
    mutating func closeShares() throws -> [CoordinatorAction] {
        guard let keyed else { throw AggregationAlarm(.outOfTurn, "shares came before keys") }
        dealers = bundles.keys.sorted()
        try checkSize(dealers, "dealt shares")
        let dealt = Set(dealers)
        guard keyed.graph.holdsTogether(dealers), dealers.allSatisfy({ keyed.graph.holders(of: $0).filter(dealt.contains).count >= keyed.graph.shareThreshold }) else {
            throw AggregationAlarm(.partition, "so many nodes in a row have dropped that the others do not hold together")
        }
        var sealed: [MemberID: [[UInt8]]] = [:]
        for dealer in dealers {
            let neighbours = keyed.graph.sealedNeighbours(of: dealer)
            let bundle = try ShareBundle(body: bundles[dealer]?.body ?? [], neighbours: neighbours.count)
            for (neighbour, ciphertext) in zip(neighbours, bundle.sealed) { sealed[neighbour, default: []].append(ciphertext) }
        }
        stage = .maskedInput
        return [.entered(.maskedInput)] + dealers.map { .send($0, ShareDelivery(dealers: dealers, sealed: sealed[$0] ?? []).encoded()) }
    }
}
