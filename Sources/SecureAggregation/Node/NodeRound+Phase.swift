extension NodeRound {
    /// Where the node stands, with what it must keep there and nothing else.
    enum Phase: Sendable {
        case waiting
        case reserving(Announcement)
        case advertised(OwnKeys)
        case sharing(KeyedRound, OwnSecrets)
        case preparing(KeyedRound, OwnSecrets, DeliveredShares)
        case masked(KeyedRound, OpenRound)
        case signed(KeyedRound, OpenRound, survivors: [MemberID])
        case deciding(KeyedRound, OpenRound, Unmasking)
        case revealed(KeyedRound, OpenRound)
        case applying(KeyedRound, OpenRound, AggregateSummary)
        case confirmed(KeyedRound, OpenRound, Confirmation)
        case ended

        var stage: AggregationStage {
            switch self {
            case .waiting, .reserving: .announce
            case .advertised: .keys
            case .sharing: .shares
            case .preparing: .maskedInput
            case .masked: .consistency
            case .signed, .deciding: .unmask
            case .revealed, .applying, .confirmed: .confirm
            case .ended: .ended
            }
        }
        var isRevealed: Bool { stage == .confirm }
    }

    /// Before the others are known.
    struct OwnKeys: Sendable {
        var announcement: Announcement
        var encryption: AgreementKey
        var maskSecret: SecretBytes
        var mask: AgreementKey
        var seed: SecretBytes
        var advertisement: KeyAdvertisement
    }

    /// Until the input is masked.
    struct OwnSecrets: Sendable {
        var encryption: AgreementKey
        var mask: AgreementKey
        var seed: SecretBytes
        /// What the node holds of its own secrets.
        var own: DealtShares
    }

    /// U2 and what the node holds of it.
    struct DeliveredShares: Sendable {
        /// U2, ascending.
        var dealers: [MemberID]
        /// The node's own shares included.
        var held: [MemberID: DealtShares]
    }

    /// Once the input has left: keys and seed are gone.
    struct OpenRound: Sendable {
        var dealers: [MemberID]
        /// Empty once a share was revealed.
        var held: [MemberID: DealtShares]
        /// SHA-256 of the masked input.
        var payloadDigest: Hash256
        /// What the node agreed to; set when it decides.
        var agreed: UnmaskRequest?
    }

    /// Sets that are agreed on are ascending, within the set before, hold the node itself, and are large enough.
    func checkSet(_ members: [MemberID], within allowed: [MemberID], _ configuration: AggregationConfiguration, _ what: String) throws {
        guard members.isStrictlyAscending else { throw AggregationAlarm(.invalidSet, "\(what) is out of order or names a node twice") }
        if let stranger = members.first(where: Set(allowed).inverse) { throw AggregationAlarm(.invalidSet, "\(what) names a node that was not there before", member: stranger) }
        guard members.contains(identity.member) else { throw AggregationAlarm(.ownEntry, "\(what) leaves out this node, which has answered") }
        guard members.count >= configuration.threshold else {
            throw AggregationAlarm(.tooFew, "\(what) has \(members.count) nodes; the threshold is \(configuration.threshold)")
        }
        let organisations = roster.organisations(of: members)
        guard organisations >= configuration.minimumOrganisations else {
            throw AggregationAlarm(.tooFew, "\(what) has nodes of \(organisations) organisations; \(configuration.minimumOrganisations) are needed")
        }
    }
}

extension Set {
    /// Whether an element is outside.
    fileprivate func inverse(_ element: Element) -> Bool { !contains(element) }
}
