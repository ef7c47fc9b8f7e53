/// One declared change to a table of events.
public enum CleaningStep: Sendable, Hashable {
    /// Drops events that repeat an earlier one of the same user in item, known time and rating. Events without a time are kept:
    /// nothing says that they are the same event.
    case exactDuplicates
    /// Of several events in a row of a user with one item, in order of time, keeps the first.
    case consecutiveRepeats
    /// Keeps events at or after `from` and before `until`, in milliseconds since 1970 UTC; events without a time are dropped.
    case timeRange(from: Int64?, until: Int64?)
    /// Keeps events rated at least so; events without a rating are dropped.
    case minimumRating(Float)
    case missingTimes(MissingTimes)
    case missingRatings(MissingRatings)
    /// Maps ratings linearly to [0, 1]: from the given range, values outside it going to its ends, or from the smallest and largest rating there is.
    case unitRatings(ClosedRange<Float>?)
    /// Drops users and items with fewer events until none is left to drop.
    case minimumEvents(perUser: Int, perItem: Int)
    /// Keeps each user's most recent events, at most that many.
    case latestEvents(Int)

    /// What becomes of events without a time in a table that has times.
    public enum MissingTimes: String, Sendable, Hashable, CaseIterable {
        case drop
        /// The time of the user's event before it in the file, else of the one after it, so that the file's order holds.
        case fileOrder = "file-order"
        /// Between the user's neighbouring events in the file, evenly; at the ends the time of the nearest.
        case interpolate
    }

    /// What becomes of events without a rating in a table that has ratings.
    public enum MissingRatings: Sendable, Hashable {
        case drop
        case fill(Statistic, of: Population)

        public enum Statistic: String, Sendable, Hashable, CaseIterable { case mean, median, mode }
        public enum Population: Sendable, Hashable {
            /// The user's own ratings; a user without any keeps the gaps.
            case user
            /// All ratings of the table.
            case everyone
        }
    }

    /// Whether what happens to a user's events can depend on other users' events. Such steps break the promise that a user's
    /// contribution is a function of that user's own events, so they may be used with privacy `off` only.
    public var dependsOnOtherUsers: Bool {
        switch self {
        case .missingRatings(.fill(_, of: .everyone)), .unitRatings(nil): true
        case .minimumEvents(_, let perItem): perItem > 1
        default: false
        }
    }
}

extension CleaningStep: CustomStringConvertible {
    /// The step as ``init(parsing:)`` reads it.
    public var description: String {
        switch self {
        case .exactDuplicates: "exact-duplicates"
        case .consecutiveRepeats: "consecutive-repeats"
        case .timeRange(let from, let until): "time-range:" + (from.map(String.init) ?? "") + ".." + (until.map(String.init) ?? "")
        case .minimumRating(let rating): "minimum-rating:\(rating)"
        case .missingTimes(let treatment): "missing-times:\(treatment.rawValue)"
        case .missingRatings(.drop): "missing-ratings:drop"
        case .missingRatings(.fill(let statistic, of: let population)): "missing-ratings:\(statistic.rawValue)" + (population == .everyone ? "-of-everyone" : "")
        case .unitRatings(let range): "unit-ratings" + (range.map { ":\($0.lowerBound)..\($0.upperBound)" } ?? "")
        case .minimumEvents(let perUser, let perItem): "minimum-events:user=\(perUser),item=\(perItem)"
        case .latestEvents(let count): "latest-events:\(count)"
        }
    }

    /// Reads a step such as `consecutive-repeats`, `minimum-events:user=5,item=5`, `time-range:2011-01-01..2012-01-01` or `missing-ratings:median`.
    /// - Throws: ``ImportError`` that lists the steps.
    public init(parsing text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let step = Self.step(named: parts[0], parts.count > 1 ? parts[1] : nil) else {
            throw ImportError(
                .invalidOption, at: .init(fileName: "cleaning step"),
                "\"\(text)\" is none; expected one of exact-duplicates, consecutive-repeats, time-range:FROM..UNTIL, minimum-rating:NUMBER, "
                    + "missing-times:drop|file-order|interpolate, missing-ratings:drop|mean|median|mode (with -of-everyone: from all users), "
                    + "unit-ratings[:LOW..HIGH], minimum-events:user=N,item=N, latest-events:N")
        }
        self = step
    }

    private static func step(named name: String, _ value: String?) -> CleaningStep? {
        switch (name, value) {
        case ("exact-duplicates", nil): return .exactDuplicates
        case ("consecutive-repeats", nil): return .consecutiveRepeats
        case ("time-range", let value?):
            guard let (from, until) = bounds(value), !(from.isEmpty && until.isEmpty) else { return nil }
            let low = TimeFormat.automatic.milliseconds(from)
            let high = TimeFormat.automatic.milliseconds(until)
            return (low == nil) == from.isEmpty && (high == nil) == until.isEmpty ? .timeRange(from: low, until: high) : nil
        case ("minimum-rating", let value?): return number(value).map { .minimumRating($0) }
        case ("missing-times", let value?): return MissingTimes(rawValue: value).map { .missingTimes($0) }
        case ("missing-ratings", "drop"?): return .missingRatings(.drop)
        case ("missing-ratings", let value?):
            let everyone = value.hasSuffix("-of-everyone")
            let statistic = MissingRatings.Statistic(rawValue: everyone ? String(value.dropLast("-of-everyone".count)) : value)
            return statistic.map { .missingRatings(.fill($0, of: everyone ? .everyone : .user)) }
        case ("unit-ratings", nil): return .unitRatings(nil)
        case ("unit-ratings", let value?):
            guard let (low, high) = bounds(value), let low = number(low), let high = number(high), low < high else { return nil }
            return .unitRatings(low...high)
        case ("minimum-events", let value?): return minimumEvents(value)
        case ("latest-events", let value?): return Int(value).flatMap { $0 >= 1 ? .latestEvents($0) : nil }
        default: return nil
        }
    }

    private static func minimumEvents(_ value: String) -> CleaningStep? {
        var limits = ["user": 1, "item": 1]
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, limits[sides[0]] != nil, let limit = Int(sides[1]), limit >= 1 else { return nil }
            limits[sides[0]] = limit
        }
        return .minimumEvents(perUser: limits["user"] ?? 1, perItem: limits["item"] ?? 1)
    }

    private static func number(_ text: String) -> Float? {
        var copy = text
        return copy.withUTF8 { NumberText.decimal($0) }.map { Float($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The two sides of `..`.
    private static func bounds(_ text: String) -> (String, String)? {
        let bytes = Array(text.utf8)
        guard let gap = bytes.indices.dropLast().first(where: { bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".") }) else { return nil }
        return (String(decoding: bytes[..<gap], as: UTF8.self), String(decoding: bytes[(gap + 2)...], as: UTF8.self))
    }
}
