/// How a file of events is written.
public enum InteractionFormat: Sendable, Hashable {
    /// Tab-separated without a header: user, item, and if present rating and Unix time, as MovieLens `u.data`.
    case movieLens
    /// Separated by `::` without a header: user, item, and if present rating and Unix time, as MovieLens `ratings.dat`.
    case movieLensDoubleColon
    /// Delimited with a header (RFC 4180).
    case delimited(separator: UInt8, columns: ColumnMapping)
    /// One JSON object a line.
    case jsonLines(columns: ColumnMapping)
    /// `user item`, a line for each event, each user's events in order of time.
    case pairs
    /// `user item item item …`, a line for each user, oldest first.
    case userLines

    /// The names by which a person chooses a format.
    public enum Name: String, Sendable, Hashable, CaseIterable {
        case auto
        case movielens
        case movielensDat = "movielens-dat"
        case csv
        case tsv
        case jsonl
        case pairs
        case userLines = "user-lines"
    }

    public var name: Name {
        switch self {
        case .movieLens: .movielens
        case .movieLensDoubleColon: .movielensDat
        case .delimited(let separator, _): separator == 0x09 ? .tsv : .csv
        case .jsonLines: .jsonl
        case .pairs: .pairs
        case .userLines: .userLines
        }
    }
}

/// Which column, or JSON key, holds what.
public struct ColumnMapping: Sendable, Hashable {
    public var user: String
    public var item: String
    public var time: String?
    public var rating: String?
    /// Names the silo of an event, for assignment by a column.
    public var silo: String?
    public var timeFormat: TimeFormat

    public init(
        user: String = "user", item: String = "item", time: String? = nil, rating: String? = nil, silo: String? = nil,
        timeFormat: TimeFormat = .automatic
    ) {
        self.user = user
        self.item = item
        self.time = time
        self.rating = rating
        self.silo = silo
        self.timeFormat = timeFormat
    }
}

/// The columns a person named; the rest is recognised from the header.
public struct ColumnChoice: Sendable, Hashable {
    public var user: String?
    public var item: String?
    public var time: String?
    public var rating: String?
    public var silo: String?
    public var timeFormat: TimeFormat

    public init(
        user: String? = nil, item: String? = nil, time: String? = nil, rating: String? = nil, silo: String? = nil,
        timeFormat: TimeFormat = .automatic
    ) {
        self.user = user
        self.item = item
        self.time = time
        self.rating = rating
        self.silo = silo
        self.timeFormat = timeFormat
    }
}
