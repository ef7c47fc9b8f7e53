import Crypto
import SecureAggregation
import Testing

@Suite("The roster")
struct RosterTests {
    let setting: RoundSetting
    let federation: Curve25519.Signing.PrivateKey
    let pinned: PinnedRoster
    init() throws {
        setting = try RoundSetting(nodes: 6)
        federation = try RoundSetting.key(1, "federation")
        pinned = PinnedRoster(confirmed: setting.roster, federationKey: VerificationKey(Array(federation.publicKey.rawRepresentation)))
    }

    /// The roster with one node more, of a key the coordinator has made.
    private func grown(epoch: UInt64 = 5) throws -> Roster {
        let key = try #require(VerificationKey(Array(RoundSetting.key(1, "Sybil").publicKey.rawRepresentation)))
        return try Roster(epoch: epoch, members: setting.roster.members + [RosterMember(id: MemberID(99), name: "sybil", organisation: "new", key: key, fingerprint: RoundSetting.hash("x"))])
    }
    private func signatures(_ roster: Roster, by members: [MemberID], replacing: Hash256? = nil) throws -> [SignedRoster.Signature] {
        try members.map { member in
            SignedRoster.Signature(signer: member, bytes: try #require(setting.identities[member]).sign(SignedRoster.content(roster, replacing: replacing ?? setting.roster.digest)))
        }
    }

    @Test("The coordinator alone cannot add a node: growth without signatures, or with too few, is refused")
    func sybil() throws {
        let roster = try grown()
        let members = setting.members
        #expect(pinned.quorum == 5)
        for signed in [[], try signatures(roster, by: Array(members.prefix(4))), try signatures(roster, by: [members[0], members[0], members[0], members[0], members[0]])] {
            #expect(throws: SecureAggregationError.self) { try pinned.replaced(by: SignedRoster(roster: roster, signatures: signed)) }
        }
        // The new node cannot sign itself in.
        let own = try RoundSetting.key(1, "Sybil").signature(for: SignedRoster.content(roster, replacing: setting.roster.digest))
        let signed = try signatures(roster, by: Array(members.prefix(4))) + [SignedRoster.Signature(signer: MemberID(99), bytes: Array(own))]
        #expect(throws: SecureAggregationError.self) { try pinned.replaced(by: SignedRoster(roster: roster, signatures: signed)) }
        #expect(throws: SecureAggregationError.self) { try pinned.replaced(by: SignedRoster(roster: roster, signatures: [SignedRoster.Signature(signer: nil, bytes: Array(own))])) }
    }

    @Test("A quorum of the pinned nodes, or the federation key, changes it; not for another predecessor or an older epoch")
    func changes() throws {
        let roster = try grown()
        let quorum = try signatures(roster, by: Array(setting.members.prefix(5)))
        #expect(try pinned.replaced(by: SignedRoster(roster: roster, signatures: quorum)).roster == roster)
        func federal(_ roster: Roster, replacing: Hash256?) throws -> SignedRoster {
            SignedRoster(roster: roster, signatures: [SignedRoster.Signature(signer: nil, bytes: Array(try federation.signature(for: SignedRoster.content(roster, replacing: replacing))))])
        }
        #expect(try pinned.replaced(by: federal(roster, replacing: setting.roster.digest)).roster == roster)
        #expect(throws: SecureAggregationError.self) { try pinned.replaced(by: federal(roster, replacing: RoundSetting.hash("another predecessor"))) }
        let old = try grown(epoch: 4)
        #expect(throws: SecureAggregationError.self) { try pinned.replaced(by: federal(old, replacing: setting.roster.digest)) }
        let key = try #require(pinned.federationKey)
        #expect(try PinnedRoster(federal(setting.roster, replacing: nil), federationKey: key).roster == setting.roster)
        #expect(throws: SecureAggregationError.self) { try PinnedRoster(SignedRoster(roster: setting.roster, signatures: []), federationKey: key) }
    }

    @Test("A roster with a number, name or key twice is none")
    func duplicates() throws {
        let members = setting.roster.members
        for change: (inout RosterMember) -> Void in [{ $0.id = members[0].id }, { $0.name = members[0].name }, { $0.key = members[0].key }, { $0.name = "" }, { $0.organisation = String(repeating: "x", count: 64) }] {
            var changed = members
            change(&changed[3])
            #expect(throws: SecureAggregationError.self) { try Roster(epoch: 1, members: changed) }
        }
    }
}
