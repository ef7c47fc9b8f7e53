extension CoordinatorRound {
    /// Whose secrets a holder has shares of.
    private func owners(heldBy holder: MemberID, _ keyed: KeyedRound) -> [MemberID] { keyed.graph.holders(of: holder).filter(Set(dealers).contains) }

    mutating func acceptUnmasking(_ message: SignedMessage) throws {
        guard let keyed else { throw AggregationAlarm(.outOfTurn, "shares came before keys", member: message.sender) }
        let unmasking = try Unmasking(body: message.body, owners: owners(heldBy: message.sender, keyed).count)
        guard unmasking.survivorsDigest == SurvivorList.digest(of: survivors) else {
            throw AggregationAlarm(.equivocation, "shares for other survivors", member: message.sender)
        }
        unmaskings[message.sender] = message
        revealed[message.sender] = unmasking
    }

    /// Rebuilds one secret per dealer, as soon as there are shares enough: the self-mask seed of a survivor, the mask key of one that
    /// dropped. Each is checked against what its owner has published; a wrong share is found and left out.
    mutating func reconstruct(final: Bool) throws -> [CoordinatorAction] {
        guard let keyed else { throw AggregationAlarm(.outOfTurn, "shares came before keys") }
        let threshold = keyed.graph.shareThreshold
        guard final || revealed.count >= threshold else { return [] }
        var held: [MemberID: [HeldShare]] = [:]
        for (holder, unmasking) in revealed {
            for (owner, share) in zip(owners(heldBy: holder, keyed), unmasking.shares) {
                guard let point = keyed.graph.point(of: holder, for: owner) else { continue }
                held[owner, default: []].append(HeldShare(holder: holder, point: point, value: share))
            }
        }
        let alive = Set(survivors)
        var reconstruction = Reconstruction(threshold: threshold, collusion: configuration.collusion)
        var masks: [Mask] = []
        for owner in dealers {
            guard let advertisement = keyed.advertisements[owner] else { continue }
            let shares = (held[owner] ?? []).sorted { $0.point < $1.point }
            let survived = alive.contains(owner)
            let announcement = announcement
            let outcome = reconstruction.secret(of: owner, from: shares) { secret in
                survived
                    ? KeyAdvertisement.commitment(to: secret, of: owner, in: announcement) == advertisement.commitment
                    : (try? AgreementKey(secret))?.publicKey == advertisement.maskKey
            }
            switch outcome {
            case .found(let secret):
                if survived {
                    masks.append(Mask(key: keyed.derivation.selfMaskKey(secret, of: owner), sign: .minus))
                } else {
                    masks += try pairMasks(of: owner, AgreementKey(secret), keyed, alive)
                }
            case .tooFew where !final, .disputed where !final: return []
            case .tooFew:
                throw AggregationAlarm(.tooFew, "\(shares.count) shares of a secret came; \(threshold) are needed", member: owner)
            case .disputed:
                throw AggregationAlarm(.share, "the shares of this node's secret do not agree, and too few came to say whose are wrong", member: owner)
            case .dealtWrong:
                return [.blamed([owner], AggregationAlarm(.share, "dealt shares of another secret than it has published", member: owner))]
                    + abandon(AggregationAlarm(.share, "a secret cannot be rebuilt", member: owner))
            }
        }
        // With wrong shares about, the others are waited for: only with them is it certain whose they are.
        if reconstruction.isIrregular, !final { return [] }
        reconstruction.compare(held)
        let culprits = reconstruction.culprits.sorted()
        let disputes = reconstruction.disputes.map { Dispute(owner: $0.key, holders: $0.value.sorted()) }.sorted { $0.owner < $1.owner }
        let blamed: [CoordinatorAction] =
            (disputes.isEmpty ? [] : [.disputed(disputes)])
            + (culprits.isEmpty ? [] : [.blamed(culprits, AggregationAlarm(.share, "dealt or revealed wrong shares", member: culprits.first))])
        stage = .confirm
        forget()
        return blamed + [.removeMasks(MaskRemoval(survivors: survivors, dimension: configuration.dimension, modulusBits: configuration.modulusBits, masks: masks))]
    }

    /// What the survivors' payloads hold of the masks with a node that dropped, taken back.
    private func pairMasks(of dropped: MemberID, _ key: AgreementKey, _ keyed: KeyedRound, _ alive: Set<MemberID>) throws -> [Mask] {
        try keyed.graph.neighbours(of: dropped).filter(alive.contains).map { survivor in
            let peerKey = keyed.advertisements[survivor]?.maskKey ?? []
            let mask = keyed.derivation.pairMaskKey(try key.shared(with: peerKey), (dropped, key.publicKey), (survivor, peerKey))
            // The lower number added it, the higher subtracted it.
            return Mask(key: mask, sign: survivor < dropped ? .minus : .plus)
        }
    }
}
