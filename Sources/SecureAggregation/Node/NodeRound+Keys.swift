extension NodeRound {
    /// Reservation → fresh keys, of this round only.
    mutating func advertise(_ announcement: Announcement) throws -> [NodeAction] {
        func secret(_ use: String) throws -> SecretBytes {
            try entropy.secret(byteCount: 32, for: purpose("session \(announcement.session)", "round \(announcement.round)", use))
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

        let threshold = keyed.graph.shareThreshold
        let holders = keyed.graph.holders(of: identity.member)
        func deal(_ secret: SecretBytes, _ use: String) throws -> [SecretBytes] {
            let coefficients = try entropy.secret(
                byteCount: max(1, (threshold - 1) * SecretSharing.secretByteCount), for: purpose("session \(own.announcement.session)", "round \(own.announcement.round)", use))
            return SecretSharing.shares(of: secret, threshold: threshold, holders: holders.count, coefficients: coefficients)
        }
        let (maskShares, seedShares) = (try deal(own.maskSecret, "mask key shares"), try deal(own.seed, "self mask shares"))
        var kept: DealtShares?
        var sealed: [[UInt8]] = []
        for (index, holder) in holders.enumerated() {
            let shares = DealtShares(maskKey: maskShares[index], selfSeed: seedShares[index])
            if holder == identity.member {
                kept = shares
                continue
            }
            let cipher = ShareCipher(keyed.derivation, shared: try agree(own.encryption, with: keyed.advertisements[holder]?.encryptionKey, of: holder), from: identity.member, to: holder)
            let nonce = try entropy.secret(
                byteCount: ShareCipher.nonceByteCount, for: purpose("session \(own.announcement.session)", "round \(own.announcement.round)", "nonce", "to \(holder)"))
            sealed.append(try cipher.seal(shares, nonce: nonce))
        }
        guard let kept else { throw AggregationAlarm(.ownEntry, "this node is not among its own holders") }
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
