extension NodeRound {
    /// Reservation → fresh keys, of this round only.
    mutating func advertise(_ announcement: Announcement) throws -> [NodeAction] {
        func secret(_ use: String) throws -> SecretBytes {
            try entropy.secret(byteCount: 32, for: purpose(announcement, use))
        }
        let maskSecret = try secret("mask key")
        let (encryption, mask, seed) = (try AgreementKey(try secret("encryption key")), try AgreementKey(maskSecret), try secret("self mask"))
        let advertisement = KeyAdvertisement(
            encryptionKey: encryption.publicKey, maskKey: mask.publicKey,
            commitment: KeyAdvertisement.commitment(to: seed, of: identity.member, in: announcement))
        let message = try SignatureScope(announcement, context: announcement.openingContext).signed(.advertisement, body: advertisement.body, by: identity)
        phase = .advertised(OwnKeys(announcement: announcement, encryption: encryption, maskSecret: maskSecret, mask: mask, seed: seed, advertisement: advertisement))
        answered[.announcement]?.reply = message
        return [.send(message)]
    }

    /// U1 → context, graph, shares for the neighbours.
    mutating func keysListed(_ bytes: [UInt8], _ own: OwnKeys) throws -> [NodeAction] {
        let keyed = try KeyedRound(own.announcement, list: KeyList(decoding: bytes), roster: roster)
        try checkSet(keyed.graph.members, within: own.announcement.members, keyed.configuration, "the list of keys")
        guard keyed.advertisements[identity.member] == own.advertisement else { throw AggregationAlarm(.ownEntry, "the list of keys holds other keys for this node than it sent") }

        let me = identity.member
        let holders = keyed.graph.holders(of: me)
        var common: [MemberID: SecretBytes] = [:]
        for neighbour in holders where neighbour != me { common[neighbour] = try agree(own.encryption, with: keyed.advertisements[neighbour]?.encryptionKey, of: neighbour) }
        var given: (maskKey: [UInt8: SecretBytes], selfSeed: [UInt8: SecretBytes]) = ([:], [:])
        for neighbour in keyed.graph.derivingNeighbours(of: me) {
            guard let shared = common[neighbour], let point = keyed.graph.point(of: neighbour, for: me) else { continue }
            let derived = keyed.derivation.derivedShares(shared, from: me, to: neighbour)
            (given.maskKey[point], given.selfSeed[point]) = (derived.maskKey, derived.selfSeed)
        }
        let maskShares = SecretSharing.shares(of: own.maskSecret, given: given.maskKey, holders: holders.count)
        let seedShares = SecretSharing.shares(of: own.seed, given: given.selfSeed, holders: holders.count)
        func dealt(_ holder: MemberID) -> DealtShares? {
            holders.firstIndex(of: holder).map { DealtShares(maskKey: maskShares[$0], selfSeed: seedShares[$0]) }
        }

        var sealed: [[UInt8]] = []
        for neighbour in keyed.graph.sealedNeighbours(of: me) {
            guard let shared = common[neighbour], let shares = dealt(neighbour) else { continue }
            let nonce = try entropy.secret(byteCount: ShareCipher.nonceByteCount, for: purpose(own.announcement, "nonce", "to \(neighbour)"))
            sealed.append(try ShareCipher(keyed.derivation, shared: shared, from: me, to: neighbour).seal(shares, nonce: nonce))
        }
        guard let kept = dealt(me) else { throw AggregationAlarm(.ownEntry, "this node is not among its own holders") }
        let message = try keyed.scope.signed(.shares, body: ShareBundle(sealed: sealed).body, by: identity)
        phase = .sharing(keyed, OwnSecrets(encryption: own.encryption, mask: own.mask, seed: own.seed, own: kept))
        return [.send(message)]
    }

    /// A Diffie–Hellman secret with a node whose key was advertised.
    func agree(_ key: AgreementKey, with peer: [UInt8]?, of member: MemberID) throws -> SecretBytes {
        guard let peer else { throw AggregationAlarm(.invalidSet, "a node without keys", member: member) }
        do {
            return try key.shared(with: peer)
        } catch let problem as SecureAggregationError {
            throw AggregationAlarm(.lowOrderKey, problem.message, member: member)
        }
    }
}
