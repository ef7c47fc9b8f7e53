/// One event: a user met an item.
public struct Interaction: Sendable, Hashable {
    public var user: String
    public var item: String
    /// Milliseconds since 1970-01-01 00:00 UTC, or nil when unknown.
    public var time: Int64?
    public var rating: Float?
    /// The silo the event belongs to, when a column says so.
    public var silo: String?

    public init(user: String, item: String, time: Int64? = nil, rating: Float? = nil, silo: String? = nil) {
        self.user = user
        self.item = item
        self.time = time
        self.rating = rating
        self.silo = silo
    }
}

/// Events in columns, in the order of the file they came from: 16 bytes an event (user 4, item 4, time 8), beside the tables
/// of ids. A column that nothing was ever written to (times, ratings, silos) is empty and costs nothing.
public struct InteractionTable: Sendable, Hashable {
    /// User ids; a user's number is the order of first appearance.
    public internal(set) var users = IdentifierTable()
    /// Item ids; an item's number is the order of first appearance.
    public internal(set) var items = IdentifierTable()
    /// Names of silos, when the events carry one.
    public internal(set) var silos = IdentifierTable()

    /// Number of the user of each event.
    public internal(set) var user: [Int32] = []
    /// Number of the item of each event.
    public internal(set) var item: [Int32] = []
    /// Milliseconds since 1970 UTC of each event, ``missingTime`` where unknown; empty when no event has a time.
    public internal(set) var time: [Int64] = []
    /// Rating of each event, NaN where unknown; empty when no event has a rating.
    public internal(set) var rating: [Float] = []
    /// Number of the silo of each event, −1 where unknown; empty when no event names one.
    public internal(set) var silo: [Int32] = []

    /// Stands in ``time`` for an unknown time.
    public static let missingTime = Int64.min

    public init() {}

    public init(_ interactions: some Sequence<Interaction>) {
        for interaction in interactions { append(interaction) }
    }

    /// How many events there are.
    public var count: Int { user.count }
    public var hasTimes: Bool { !time.isEmpty }
    public var hasRatings: Bool { !rating.isEmpty }
    public var hasSilos: Bool { !silo.isEmpty }

    /// The event of a row, spelled out.
    public subscript(row: Int) -> Interaction {
        Interaction(
            user: users[Int(user[row])], item: items[Int(item[row])],
            time: hasTimes && time[row] != Self.missingTime ? time[row] : nil,
            rating: hasRatings && !rating[row].isNaN ? rating[row] : nil,
            silo: hasSilos && silo[row] >= 0 ? silos[Int(silo[row])] : nil)
    }

    public mutating func append(_ interaction: Interaction) {
        let silo = interaction.silo.map { silos.intern($0) }
        append(
            user: users.intern(interaction.user), item: items.intern(interaction.item), time: interaction.time ?? Self.missingTime,
            rating: interaction.rating ?? .nan, silo: silo ?? -1)
    }

    /// Adds an event of numbers that the id tables already hold.
    mutating func append(user: Int32, item: Int32, time: Int64, rating: Float, silo: Int32) {
        // A column comes into being with its first known value.
        if hasTimes || time != Self.missingTime {
            if self.time.isEmpty { self.time = Array(repeating: Self.missingTime, count: count) }
            self.time.append(time)
        }
        if hasRatings || !rating.isNaN {
            if self.rating.isEmpty { self.rating = Array(repeating: .nan, count: count) }
            self.rating.append(rating)
        }
        if hasSilos || silo >= 0 {
            if self.silo.isEmpty { self.silo = Array(repeating: -1, count: count) }
            self.silo.append(silo)
        }
        self.user.append(user)
        self.item.append(item)
    }
}

extension InteractionTable {
    // NaN marks a missing rating, so ratings are compared by their bits.
    public static func == (left: InteractionTable, right: InteractionTable) -> Bool {
        left.user == right.user && left.item == right.item && left.time == right.time && left.silo == right.silo
            && left.rating.elementsEqual(right.rating) { $0.bitPattern == $1.bitPattern }
            && left.users == right.users && left.items == right.items && left.silos == right.silos
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(user)
        hasher.combine(item)
        hasher.combine(time)
    }
}
