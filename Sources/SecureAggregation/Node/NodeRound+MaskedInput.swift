extension NodeRound {
    /// Input → masked input. y = x + PRG(self) + Σ_{v > u} PRG(pair) − Σ_{v < u} PRG(pair) mod 2^b, over the neighbours v in U2.
    mutating func mask(_ values: [Int64], _ keyed: KeyedRound, _ secrets: OwnSecrets, _ delivered: DeliveredShares) throws -> [NodeAction] {
        let configuration = keyed.configuration
        guard values.count == configuration.dimension else {
            throw AggregationAlarm(.input, "the node's part has \(values.count) words instead of \(configuration.dimension)")
        }
        let bound = configuration.largestWord(users: policy.enrolledUsers) ?? 0
        guard values.allSatisfy({ $0.magnitude <= bound }) else { throw AggregationAlarm(.input, "a word of the node's part exceeds the agreed \(bound)") }

        let own = identity.member
        var masks = [Mask(key: keyed.derivation.selfMaskKey(secrets.seed, of: own), sign: .plus)]
        let dealers = Set(delivered.dealers)
        for peer in keyed.graph.neighbours(of: own) where dealers.contains(peer) {
            let peerKey = keyed.advertisements[peer]?.maskKey ?? []
            let shared = try agree(secrets.mask, with: peerKey, of: peer)
            masks.append(Mask(key: keyed.derivation.pairMaskKey(shared, (own, secrets.mask.publicKey), (peer, peerKey)), sign: own < peer ? .plus : .minus))
        }
        var vector = MaskedVector(values, modulusBits: configuration.modulusBits)
        try vector.apply(masks)
        let payload = vector.payload()
        let digest = Hash256(of: payload)
        let message = try keyed.scope.signed(.maskedInput, body: digest.bytes, by: identity)
        phase = .masked(keyed, OpenRound(dealers: delivered.dealers, held: delivered.held, payloadDigest: digest, agreed: nil))
        answered[.shareDelivery]?.reply = message
        inputReleased = true
        return [.sendInput(message, payload: payload)]
    }
}
