/// What the reader does with rows that are not plain events.
public struct ImportOptions: Sendable, Hashable {
    /// A row without a user.
    public enum MissingUser: String, Sendable, Hashable, CaseIterable {
        /// Malformed: stops the import unless malformed rows are tolerated.
        case malformed
        /// Left out and counted.
        case drop
    }

    /// How many malformed rows are left out and counted before one stops the import; ≥ 0.
    public var malformedAllowed: Int
    public var missingUser: MissingUser
    /// Every row must meet all of these; the others are left out and counted under the first condition they miss.
    public var conditions: [RowPredicate]

    public init(malformedAllowed: Int = 0, missingUser: MissingUser = .malformed, conditions: [RowPredicate] = []) {
        self.malformedAllowed = malformedAllowed
        self.missingUser = missingUser
        self.conditions = conditions
    }
}

/// What the reader took in and left out.
public struct ImportReport: Sendable, Hashable {
    /// Rows of the file, headers and empty lines not counted.
    public internal(set) var rowCount = 0
    /// Events taken in.
    public internal(set) var eventCount = 0
    /// Rows that were not of the format.
    public internal(set) var malformedCount = 0
    /// The first of them, at most ten.
    public internal(set) var malformedExamples: [ImportError] = []
    /// Rows left out because they name no user.
    public internal(set) var missingUserCount = 0
    /// Rows left out for each condition, in the order of the options.
    public internal(set) var missedConditions: [ConditionCount] = []

    public struct ConditionCount: Sendable, Hashable {
        public var condition: RowPredicate
        public var count: Int
    }

    /// A line for each fact that a person should know.
    public var lines: [String] {
        var lines = ["rows \(rowCount), events \(eventCount)"]
        if malformedCount > 0 { lines.append("malformed rows left out: \(malformedCount)") }
        if missingUserCount > 0 { lines.append("rows without a user left out: \(missingUserCount)") }
        for missed in missedConditions { lines.append("rows left out because not \(missed.condition): \(missed.count)") }
        return lines
    }
}
