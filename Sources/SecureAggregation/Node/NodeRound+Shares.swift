extension NodeRound {
    /// The others' shares → the node's part is wanted.
    mutating func sharesDelivered(_ bytes: [UInt8], _ keyed: KeyedRound, _ secrets: OwnSecrets) throws -> [NodeAction] {
        let delivery = try ShareDelivery(decoding: bytes)
        try checkSet(delivery.dealers, within: keyed.graph.members, keyed.configuration, "the list of dealers")
        guard keyed.graph.holdsTogether(delivery.dealers) else { throw AggregationAlarm(.partition, "too many nodes in a row have dropped") }
        let dealers = Set(delivery.dealers)
        let senders = keyed.graph.neighbours(of: identity.member).filter(dealers.contains)
        let sealing = Set(senders.filter { keyed.graph.sealedNeighbours(of: $0).contains(identity.member) })
        guard delivery.sealed.count == sealing.count else {
            throw AggregationAlarm(.share, "\(delivery.sealed.count) sealed shares came from the \(sealing.count) neighbours that seal theirs")
        }
        guard senders.count + 1 >= keyed.graph.shareThreshold else {
            throw AggregationAlarm(.tooFew, "\(senders.count + 1) shares are held; \(keyed.graph.shareThreshold) are needed to rebuild a secret")
        }
        var held = [identity.member: secrets.own]
        var ciphertexts = delivery.sealed[...]
        for sender in senders {
            let shared = try agree(secrets.encryption, with: keyed.advertisements[sender]?.encryptionKey, of: sender)
            guard sealing.contains(sender), let sealed = ciphertexts.popFirst() else {
                held[sender] = keyed.derivation.derivedShares(shared, from: sender, to: identity.member)
                continue
            }
            do {
                held[sender] = try ShareCipher(keyed.derivation, shared: shared, from: sender, to: identity.member).open(sealed)
            } catch let problem as SecureAggregationError {
                throw AggregationAlarm(.share, problem.message, member: sender)
            }
        }
        phase = .preparing(keyed, secrets, DeliveredShares(dealers: delivery.dealers, held: held))
        return [.provideInput]
    }
}
