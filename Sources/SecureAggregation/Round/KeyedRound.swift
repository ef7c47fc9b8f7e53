/// A round once U1 is fixed: public, and the same for everybody who agrees.
package struct KeyedRound: Sendable {
    package let announcement: Announcement
    package let advertisements: [MemberID: KeyAdvertisement]
    package let graph: NeighbourGraph
    /// suite ‖ session ‖ round ‖ H(model) ‖ H(config) ‖ H(U1).
    package let context: [UInt8]

    package var configuration: AggregationConfiguration { announcement.configuration }
    package var derivation: KeyDerivation { KeyDerivation(context: context) }
    package var scope: SignatureScope { SignatureScope(announcement, context: context) }

    /// The round from the adverts, each checked against the roster.
    /// - Throws: ``AggregationAlarm``.
    package init(_ announcement: Announcement, list: KeyList, roster: Roster) throws {
        let scope = SignatureScope(announcement, context: announcement.openingContext)
        let members = list.advertisements.map(\.sender)
        guard members.isStrictlyAscending else { throw AggregationAlarm(.invalidSet, "the list of keys is out of order or names a node twice") }
        let cohort = Set(announcement.members)
        var advertisements: [MemberID: KeyAdvertisement] = [:]
        var keys: Set<[UInt8]> = []
        var commitments: Set<Hash256> = []
        var writer = WireWriter()
        var commitmentBytes: [UInt8] = []
        for message in list.advertisements {
            guard cohort.contains(message.sender), let entry = roster[message.sender] else {
                throw AggregationAlarm(.invalidSet, "the list of keys names a node outside the cohort", member: message.sender)
            }
            guard message.kind == .advertisement, scope.verifies(message, with: entry.key) else {
                throw AggregationAlarm(.signature, "the keys are not signed by the node for this session, model and configuration", member: message.sender)
            }
            let advertisement = try KeyAdvertisement(body: message.body)
            guard keys.insert(advertisement.encryptionKey).inserted, keys.insert(advertisement.maskKey).inserted, commitments.insert(advertisement.commitment).inserted else {
                throw AggregationAlarm(.duplicateKey, "a key or commitment is there twice", member: message.sender)
            }
            advertisements[message.sender] = advertisement
            writer.append(message.sender)
            writer.append(advertisement.body)
            commitmentBytes += advertisement.commitment.bytes
        }
        let context = announcement.openingContext + Hash256(of: writer.bytes).bytes
        try announcement.configuration.graph.validate(
            nodes: members.count, threshold: announcement.configuration.threshold, collusion: announcement.configuration.collusion)
        self.announcement = announcement
        self.advertisements = advertisements
        self.context = context
        graph = try NeighbourGraph(
            members: members, choice: announcement.configuration.graph, threshold: announcement.configuration.threshold,
            seed: Hash256(of: Array("graph".utf8), context, commitmentBytes))
    }
}
