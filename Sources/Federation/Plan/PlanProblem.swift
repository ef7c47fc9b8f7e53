import RecommenderModels

/// A rule that a plan breaks.
public struct PlanProblem: Sendable, Hashable, CustomStringConvertible {
    /// Path of the field as in a plan file: `privacy.clip`.
    public var field: String
    public var value: String
    /// What is allowed, and what to do.
    public var remedy: String

    public init(field: String, value: some CustomStringConvertible, remedy: String) {
        self.field = field
        self.value = "\(value)"
        self.remedy = remedy
    }
    public var description: String { "\(field) is \(value): \(remedy)" }
}

/// Collects the problems of a plan instead of stopping at the first.
struct ProblemCollector {
    private(set) var problems: [PlanProblem] = []

    mutating func check(_ isFine: Bool, _ field: String, _ value: some CustomStringConvertible, _ remedy: String) {
        if !isFine { problems.append(PlanProblem(field: field, value: value, remedy: remedy)) }
    }
    mutating func check(_ value: Int, in range: ClosedRange<Int>, _ field: String) {
        check(range.contains(value), field, value, "it must be in \(range.lowerBound)…\(range.upperBound)")
    }
    mutating func check(validityOf model: ModelConfiguration) {
        do { try model.validate() } catch { check(false, "model", "not usable", "\(error)") }
    }
    mutating func checkPositive(_ value: Double, atMost limit: Double, _ field: String) {
        check(value > 0 && value <= limit, field, value, "it must be above 0 and at most \(limit)")
    }
    mutating func checkPositive(_ value: Float, atMost limit: Float, _ field: String) {
        check(value > 0 && value <= limit, field, value, "it must be above 0 and at most \(limit)")
    }
    mutating func checkFraction(_ value: Float, _ field: String) {
        check(value >= 0 && value < 1, field, value, "it must be at least 0 and below 1")
    }
}
