extension NodeRound {
    /// Announcement → reservation.
    mutating func announced(_ bytes: [UInt8]) throws -> [NodeAction] {
        let announcement = try Announcement(decoding: bytes)
        guard announcement.rosterEpoch == roster.epoch, announcement.rosterDigest == roster.digest else {
            throw AggregationAlarm(.roster, "the announcement stands on another roster (epoch \(announcement.rosterEpoch)) than the pinned one (epoch \(roster.epoch))")
        }
        if let lastRound, announcement.round <= lastRound {
            throw AggregationAlarm(.replay, "round \(announcement.round) is not newer than round \(lastRound), which this node has entered before")
        }
        let members = announcement.members
        guard members.isStrictlyAscending else { throw AggregationAlarm(.invalidSet, "the cohort is out of order or names a node twice") }
        if let stranger = members.first(where: { roster[$0] == nil }) { throw AggregationAlarm(.roster, "the cohort names a node that is not in the roster", member: stranger) }
        guard members.contains(identity.member) else { throw AggregationAlarm(.ownEntry, "the cohort leaves out this node") }
        guard roster[identity.member]?.key.bytes == identity.publicKey else { throw AggregationAlarm(.roster, "the roster has another key for this node") }
        try policy.check(announcement, member: identity.member)
        try checkSet(members, within: members, announcement.configuration, "the cohort")
        phase = .reserving(announcement)
        return [.reserve(RoundReservation(
            run: announcement.configuration.run, round: announcement.round, session: announcement.session, modelDigest: announcement.modelDigest,
            configurationDigest: announcement.configurationDigest, configuration: announcement.configuration, cohort: announcement.cohort))]
    }
}
