extension NodeRound {
    /// t signatures on the same U3 → a decision, to be made durable before anything is revealed.
    mutating func unmaskRequested(_ bytes: [UInt8], _ keyed: KeyedRound, _ open: OpenRound, _ signed: [MemberID]) throws -> [NodeAction] {
        let request = try UnmaskRequest(decoding: bytes)
        guard request.survivors == signed else { throw AggregationAlarm(.equivocation, "the survivors are others than those this node has signed") }
        try checkQuorum(request, keyed)

        // One share of each dealer's two secrets; which one follows from U3 alone.
        let survivors = Set(request.survivors)
        let digest = SurvivorList.digest(of: request.survivors)
        let owners = keyed.graph.holders(of: identity.member).filter(Set(open.dealers).contains)
        let shares = try owners.map { owner in
            guard let held = open.held[owner] else { throw AggregationAlarm(.share, "a share is missing", member: owner) }
            return survivors.contains(owner) ? held.selfSeed : held.maskKey
        }
        // What is not going to be revealed is forgotten here.
        phase = .deciding(
            keyed, OpenRound(dealers: open.dealers, held: [:], payloadDigest: open.payloadDigest, agreed: request), Unmasking(survivorsDigest: digest, shares: shares))
        let announcement = keyed.announcement
        return [.persistDecision(UnmaskDecision(run: announcement.configuration.run, round: announcement.round, session: announcement.session, survivorsDigest: digest))]
    }

    /// Valid signatures of at least t distinct survivors on exactly these survivors.
    private func checkQuorum(_ request: UnmaskRequest, _ keyed: KeyedRound) throws {
        let signers = request.signatures.map(\.member)
        guard signers.isStrictlyAscending, signers.count <= request.survivors.count else { throw AggregationAlarm(.quorum, "the signatures are out of order or double") }
        let survivors = Set(request.survivors)
        let body = SurvivorList.digest(of: request.survivors).bytes
        for signature in request.signatures {
            guard survivors.contains(signature.member), let key = roster[signature.member]?.key,
                keyed.scope.verifies(SignedMessage(kind: .consistency, sender: signature.member, body: body, signature: signature.signature), with: key)
            else { throw AggregationAlarm(.quorum, "a signature on the survivors does not check", member: signature.member) }
        }
        guard signers.count >= keyed.configuration.threshold else {
            throw AggregationAlarm(.quorum, "\(signers.count) nodes have signed the survivors; \(keyed.configuration.threshold) are needed")
        }
    }

    /// The decision is durable → the shares, once.
    mutating func reveal(_ keyed: KeyedRound, _ open: OpenRound, _ unmasking: Unmasking) throws -> [NodeAction] {
        let message = try keyed.scope.signed(.unmasking, body: unmasking.body, by: identity)
        phase = .revealed(keyed, open)
        answered[.unmaskRequest]?.reply = message
        return [.send(message)]
    }
}
