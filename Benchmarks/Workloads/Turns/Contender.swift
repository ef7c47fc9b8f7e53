/// One side of a comparison: set up once, then run again and again.
public protocol Contender: Sendable {
    /// One repetition: an epoch, a sweep, a pass over the queries.
    mutating func repetition() async throws -> Repetition

    /// What it came to after the last repetition, such as `loss` and `ndcg@10`.
    mutating func finish() async throws -> [String: Double]
}

/// What one repetition did.
public struct Repetition: Sendable {
    /// Counted in the task's unit.
    public var units: Double
    /// The mean loss of the repetition, where there is one.
    public var loss: Double?
    /// Seconds of single calls, where these are what is measured.
    public var latencies: [Double]?

    public init(units: Double, loss: Double? = nil, latencies: [Double]? = nil) {
        self.units = units
        self.loss = loss
        self.latencies = latencies
    }
}
