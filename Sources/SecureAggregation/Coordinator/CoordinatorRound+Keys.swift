extension CoordinatorRound {
    mutating func acceptKeys(_ message: SignedMessage) throws {
        let advertisement = try KeyAdvertisement(body: message.body)
        let keys = [advertisement.encryptionKey, advertisement.maskKey]
        for other in advertisements.values {
            let taken = try KeyAdvertisement(body: other.body)
            guard !keys.contains(taken.encryptionKey), !keys.contains(taken.maskKey), taken.commitment != advertisement.commitment else {
                throw AggregationAlarm(.duplicateKey, "a key or commitment that another node has sent", member: message.sender)
            }
        }
        // A point of low order would make every node end the round.
        let probe = try AgreementKey([UInt8](repeating: 9, count: 32).withUnsafeBytes { SecretBytes($0) })
        guard keys[0] != keys[1], keys.allSatisfy({ (try? probe.shared(with: $0)) != nil }) else {
            throw AggregationAlarm(.lowOrderKey, "a public key that cannot be used", member: message.sender)
        }
        advertisements[message.sender] = message
    }

    /// U1.
    mutating func closeKeys() throws -> [CoordinatorAction] {
        let members = advertisements.keys.sorted()
        try checkSize(members, "sent keys")
        let list = KeyList(advertisements: members.compactMap { advertisements[$0] })
        keyed = try KeyedRound(announcement, list: list, roster: roster)
        stage = .shares
        let bytes = list.encoded()
        return [.entered(.shares)] + members.map { .send($0, bytes) }
    }
}
