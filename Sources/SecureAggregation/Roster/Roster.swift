/// A node that may take part in secure aggregation.
public struct RosterMember: Sendable, Hashable {
    public var id: MemberID
    /// The node's name in the federation, at most 63 bytes.
    public var name: String
    /// Who runs the node; minimum cohorts count organisations, not nodes. At most 63 bytes.
    public var organisation: String
    /// The Ed25519 key that signs the node's messages.
    public var key: VerificationKey
    /// SHA-256 of the certificate's public key or of the certificate, as the federation chose; what links the two identities.
    public var fingerprint: Hash256

    public init(id: MemberID, name: String, organisation: String, key: VerificationKey, fingerprint: Hash256) {
        self.id = id
        self.name = name
        self.organisation = organisation
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// All nodes that may take part, with an epoch that grows at every change. Nodes pin it; the coordinator alone cannot change it.
public struct Roster: Sendable, Hashable {
    public static let maximumMembers = 100_000
    public let epoch: UInt64
    /// In ascending order of their numbers.
    public let members: [RosterMember]
    private let positions: [MemberID: Int]

    /// - Throws: ``SecureAggregationError`` `.invalidParameter` when numbers, names or keys are there twice or a name is too long.
    public init(epoch: UInt64, members: [RosterMember]) throws {
        self.epoch = epoch
        self.members = members.sorted { $0.id < $1.id }
        func invalid(_ what: String) -> SecureAggregationError { SecureAggregationError(.invalidParameter, "the roster \(what)") }
        guard members.count <= Self.maximumMembers else { throw invalid("has \(members.count) nodes; \(Self.maximumMembers) are possible") }
        guard Set(members.map(\.id)).count == members.count else { throw invalid("gives one number to two nodes") }
        guard Set(members.map(\.name)).count == members.count else { throw invalid("gives one name to two nodes") }
        guard Set(members.map(\.key)).count == members.count else { throw invalid("gives one key to two nodes") }
        guard members.allSatisfy({ (1...63).contains($0.name.utf8.count) && (1...63).contains($0.organisation.utf8.count) }) else {
            throw invalid("has a name or organisation that is empty or longer than 63 bytes")
        }
        positions = Dictionary(uniqueKeysWithValues: self.members.enumerated().map { ($1.id, $0) })
    }

    public subscript(member: MemberID) -> RosterMember? { positions[member].map { members[$0] } }
    public func member(named name: String) -> RosterMember? { members.first { $0.name == name } }
    /// How many different organisations run these nodes; nodes outside the roster count for nothing.
    public func organisations(of ids: [MemberID]) -> Int { Set(ids.compactMap { self[$0]?.organisation }).count }

    /// SHA-256 of ``encoded()``.
    public var digest: Hash256 { Hash256(of: encoded()) }

    /// The one encoding of the roster.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(Array("tributary.roster.v1".utf8))
        writer.append(epoch)
        writer.append(count: members.count)
        for member in members {
            writer.append(member.id)
            writer.append(member.name)
            writer.append(member.organisation)
            writer.append(member.key.bytes)
            writer.append(member.fingerprint)
        }
        return writer.bytes
    }

    /// - Throws: ``SecureAggregationError`` when the bytes are not exactly one roster in its one encoding.
    public init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "roster")
        guard try reader.take(19) == Array("tributary.roster.v1".utf8) else { throw reader.problem("is of another kind") }
        let epoch = try reader.integer(UInt64.self)
        var members: [RosterMember] = []
        for _ in 0..<(try reader.count(ofAtLeast: 70)) {
            let id = try reader.member()
            let (name, organisation) = (try reader.text(), try reader.text())
            guard let key = VerificationKey(try reader.take(VerificationKey.byteCount)) else { throw reader.problem("holds no key") }
            members.append(RosterMember(id: id, name: name, organisation: organisation, key: key, fingerprint: try reader.hash()))
        }
        try reader.finish()
        try self.init(epoch: epoch, members: members)
        guard encoded() == bytes else { throw reader.problem("is not in order") }
    }
}
