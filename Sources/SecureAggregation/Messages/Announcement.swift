/// A node of the cohort and the users it has declared.
public struct CohortMember: Sendable, Hashable {
    public var id: MemberID
    /// Enrolled users as declared for the run: the bound on the node's part and its weight in the normaliser.
    public var users: UInt64
    public init(id: MemberID, users: UInt64) {
        self.id = id
        self.users = users
    }
}

/// What the coordinator proposes for one round.
public struct Announcement: Sendable, Hashable {
    /// 32 random bytes.
    public var session: Hash256
    /// Grows with every round of a run.
    public var round: UInt64
    /// SHA-256 of the model that is trained from.
    public var modelDigest: Hash256
    public var rosterEpoch: UInt64
    public var rosterDigest: Hash256
    public var configuration: AggregationConfiguration
    /// In ascending order of the numbers.
    public var cohort: [CohortMember]

    public init(
        session: Hash256, round: UInt64, modelDigest: Hash256, rosterEpoch: UInt64, rosterDigest: Hash256, configuration: AggregationConfiguration, cohort: [CohortMember]
    ) {
        self.session = session
        self.round = round
        self.modelDigest = modelDigest
        self.rosterEpoch = rosterEpoch
        self.rosterDigest = rosterDigest
        self.configuration = configuration
        self.cohort = cohort
    }

    public var members: [MemberID] { cohort.map(\.id) }

    /// H(config): over the configuration, the roster and the cohort with its declared users.
    public var configurationDigest: Hash256 {
        var writer = WireWriter()
        appendConfiguration(to: &writer)
        return Hash256(of: writer.bytes)
    }
    private func appendConfiguration(to writer: inout WireWriter) {
        writer.append(rosterEpoch)
        writer.append(rosterDigest)
        configuration.append(to: &writer)
        writer.append(count: cohort.count)
        for member in cohort {
            writer.append(member.id)
            writer.append(member.users)
        }
    }

    /// suite ‖ session ‖ round ‖ H(model) ‖ H(config): what the adverts are bound to, before anybody knows whose they are.
    package var openingContext: [UInt8] {
        var writer = WireWriter()
        writer.append(suite)
        writer.append(session)
        writer.append(round)
        writer.append(modelDigest)
        writer.append(configurationDigest)
        return writer.bytes
    }

    /// The message's bytes.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.announcement.rawValue)
        writer.append(suite)
        writer.append(session)
        writer.append(round)
        writer.append(modelDigest)
        appendConfiguration(to: &writer)
        return writer.bytes
    }

    /// - Throws: ``SecureAggregationError`` `.malformed`.
    public init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "announcement")
        guard try reader.integer(UInt8.self) == MessageKind.announcement.rawValue, try reader.take(suite.count) == suite else {
            throw reader.problem("is of another protocol")
        }
        session = try reader.hash()
        round = try reader.integer(UInt64.self)
        modelDigest = try reader.hash()
        rosterEpoch = try reader.integer(UInt64.self)
        rosterDigest = try reader.hash()
        configuration = try AggregationConfiguration(&reader)
        cohort = []
        for _ in 0..<(try reader.count(ofAtLeast: 12)) { cohort.append(CohortMember(id: try reader.member(), users: try reader.integer(UInt64.self))) }
        try reader.finish()
    }
}
